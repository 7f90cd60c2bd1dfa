import Glibc
import Linux

/// The files of stacked layers as a container would see them, without mounting anything: whiteouts and opaque folders hide what
/// is below, symbolic links stay inside.
struct LayerView {
    private let root: MergedFolder

    /// - Parameter folders: absolute paths of layers, top first.
    init(_ folders: [String]) throws(ImageError) {
        var parts: [SharedFD] = []
        for folder in folders {
            parts.append(try doing("open \(folder)") { () throws(SyscallError) in SharedFD(try File.open(folder, flags: File.folder).take()) })
        }
        root = MergedFolder(parts: parts)
    }

    enum Node {
        case folder(MergedFolder)
        /// A file of any other kind, by the folder that holds it.
        case file(dir: SharedFD, name: String, status: File.Status)
    }

    /// What is at a path; nil when nothing is.
    /// - Throws: `.hostile` for links that lead in circles.
    func find(_ path: String) throws(ImageError) -> Node? {
        var left = Array(path.split(separator: "/").reversed())
        var above: [MergedFolder] = [root]
        var links = 0
        while let part = left.popLast() {
            if part == "." { continue }
            if part == ".." {
                if above.count > 1 { above.removeLast() }
                continue
            }
            guard let node = above.last?.child(String(part)) else { return nil }
            switch node {
            case .folder(let folder): above.append(folder)
            case .file(let dir, let name, let status):
                guard status.isLink else { return left.isEmpty ? node : nil }
                links += 1
                guard links <= 40 else { throw ImageError(.hostile, "too many links at \"\(path)\" in the image") }
                let target = try doing("read link \(path)") { () throws(SyscallError) in try File.readLink(at: dir.raw, name) }
                if target.hasPrefix("/") { above = [root] }
                left += target.split(separator: "/").reversed()
            }
        }
        return above.last.map(Node.folder)
    }

    /// The content of a regular file; nil when there is none.
    func text(_ path: String) throws(ImageError) -> String? {
        guard case .file(let dir, let name, let status)? = try find(path), status.isRegular else { return nil }
        let bytes = try doing("read \(path) of the image") { () throws(SyscallError) in
            let fd = try File.openChild(dir.raw, name, flags: File.readOnly)
            return try File.readAll(fd: fd.raw, limit: 16 << 20, subject: path)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A folder that several layers have a part of, top first.
struct MergedFolder {
    let parts: [SharedFD]

    func child(_ name: String) -> LayerView.Node? {
        var found: [SharedFD] = []
        for dir in parts {
            guard let status = try? File.status(name, at: dir.raw, followLinks: false) else { continue }
            if status.isCharacterDevice && status.rdev == 0 { break }
            guard status.isFolder else { return found.isEmpty ? .file(dir: dir, name: name, status: status) : .folder(MergedFolder(parts: found)) }
            guard let raw = try? File.openChild(dir.raw, name, flags: File.folder).take() else { continue }
            found.append(SharedFD(raw))
            if let value = (try? File.attribute(fd: raw, Overlay.opaque)) ?? nil, value == [UInt8(ascii: "y")] { break }
        }
        return found.isEmpty ? nil : .folder(MergedFolder(parts: found))
    }

    /// Names of everything in it, sorted.
    func names() throws(ImageError) -> [String] {
        var names = Set<String>()
        for dir in parts {
            let entries = try doing("list a folder of the image") { () throws(SyscallError) in
                // A descriptor's place in the list is shared by all who read it: another one, for this reading alone.
                let fd = try File.openChild(dir.raw, ".", flags: File.folder)
                return try File.list(fd: fd.raw)
            }
            names.formUnion(entries.map(\.name))
        }
        return names.sorted()
    }
}
