import Glibc
import Linux

/// Unpacks one layer into a folder, as a lower layer of overlayfs wants it.
///
/// Every entry's parent is opened beneath the folder by descriptor (openat2(2), RESOLVE_IN_ROOT), and the entry itself is made by
/// one component that is never followed: no symbolic link, hard link or whiteout of a layer can reach outside.
struct Unpacker: ~Copyable {
    let root: OwnedFD
    private let limits: UnpackLimits
    private var entries = 0
    private var parent: (path: String, fd: SharedFD)?
    /// Folders get their times last: making files in them changes these.
    private var folderTimes: [(path: String, seconds: Int64, nanoseconds: Int64)] = []

    init(folder: String, limits: UnpackLimits) throws(ImageError) {
        root = try doing("open \(folder)") { () throws(SyscallError) in try File.open(folder, flags: File.folder) }
        self.limits = limits
    }

    mutating func unpack(_ archive: Archive) throws(ImageError) {
        while let entry = try archive.next() {
            entries += 1
            guard entries <= limits.layerEntries else {
                throw ImageError(.tooBig, "the layer has more than \(limits.layerEntries) files", hint: "it may be made to exhaust the disk")
            }
            try add(entry, archive)
        }
        for folder in folderTimes.reversed() {
            guard let fd = try? File.openInRoot(root.raw, folder.path.isEmpty ? "." : folder.path, flags: File.folder) else { continue }
            try? File.setTime(fd: fd.raw, seconds: folder.seconds, nanoseconds: folder.nanoseconds)
        }
    }

    private mutating func add(_ entry: ArchiveEntry, _ archive: Archive) throws(ImageError) {
        let path = try LayerPath(entry.name)
        if path.name.isEmpty {
            try setRoot(entry)
            return
        }
        let dir = try open(parents: path)
        switch path.meaning {
        case .ignored: return
        case .opaque:
            try doing("mark \(path.parent) as opaque") { () throws(SyscallError) in
                let fd = try File.openChild(dir.raw, ".", flags: File.folder)
                try File.setAttribute(fd: fd.raw, Overlay.opaque, [UInt8(ascii: "y")])
            }
        case .whiteout(let name): try whiteOut(name, in: dir, entry.name)
        case .file: try make(entry, path, in: dir, archive)
        }
    }

    private func setRoot(_ entry: ArchiveEntry) throws(ImageError) {
        guard entry.kind == .folder else { throw ImageError(.hostile, "the layer makes its root something other than a folder") }
        let root = root.raw
        try doing("set up the root of the layer") { () throws(SyscallError) in
            try File.setOwner(at: root, "", uid: UInt32(truncatingIfNeeded: entry.uid), gid: UInt32(truncatingIfNeeded: entry.gid))
            try File.setMode(fd: root, entry.mode)
        }
    }

    // MARK: folders above

    private mutating func open(parents path: LayerPath) throws(ImageError) -> SharedFD {
        if let parent, parent.path == path.parent { return parent.fd }
        let fd = try openOrMake(path.parents)
        parent = (path.parent, fd)
        return fd
    }

    private func openOrMake(_ parts: [String]) throws(ImageError) -> SharedFD {
        let root = root.raw
        let whole = parts.isEmpty ? "." : parts.joined(separator: "/")
        if let fd = try? File.openInRoot(root, whole, flags: File.folder) { return SharedFD(fd.take()) }
        return try doing("open \"\(whole)\" in the layer") { () throws(SyscallError) in
            var current = SharedFD(try File.openInRoot(root, ".", flags: File.folder).take())
            for (index, part) in parts.enumerated() {
                let path = parts[...index].joined(separator: "/")
                do throws(SyscallError) {
                    try File.makeDirectory(at: current.raw, part, mode: 0o755)
                } catch {
                    if error.errno != EEXIST { throw error }
                }
                current = SharedFD(try File.openInRoot(root, path, flags: File.folder).take())
            }
            return current
        }
    }

    // MARK: whiteouts

    private func whiteOut(_ name: String, in dir: SharedFD, _ entry: String) throws(ImageError) {
        guard !name.isEmpty, name != ".", name != ".." else { throw ImageError(.hostile, "the layer has a whiteout of \"\(name)\": \"\(entry)\"") }
        try doing("white out \"\(entry)\"") { () throws(SyscallError) in
            do throws(SyscallError) {
                try File.makeNode(at: dir.raw, name, mode: S_IFCHR)
            } catch {
                // The same layer has the file too: only what is below it goes.
                guard error.errno == EEXIST else { throw error }
                guard let fd = try? File.openChild(dir.raw, name, flags: File.folder) else { return }
                try File.setAttribute(fd: fd.raw, Overlay.opaque, [UInt8(ascii: "y")])
            }
        }
    }

    // MARK: files

    private mutating func make(_ entry: ArchiveEntry, _ path: LayerPath, in dir: SharedFD, _ archive: Archive) throws(ImageError) {
        let maker = EntryMaker(root: root.raw, dir: dir, name: path.name, full: entry.name)
        if entry.kind == .folder, entry.hardLink == nil {
            try maker.folder(entry)
            folderTimes.append((path.parents.isEmpty ? path.name : "\(path.parent)/\(path.name)", entry.seconds, entry.nanoseconds))
            return
        }
        // A folder of this name may be the one that is kept open.
        parent = nil
        try maker.clear()
        if let target = entry.hardLink {
            try maker.hardLink(to: try LayerPath(target.hasPrefix("/") ? String(target.dropFirst()) : target))
            return
        }
        switch entry.kind {
        case .file: try maker.file(entry, archive)
        case .symbolicLink: try maker.symbolicLink(entry)
        case .characterDevice, .blockDevice, .fifo: try maker.node(entry)
        case .folder, .other: break
        }
    }
}

enum Overlay {
    /// A folder that hides what lower layers have in it (kernel documentation, filesystems/overlayfs).
    static let opaque = "trusted.overlay.opaque"
}
