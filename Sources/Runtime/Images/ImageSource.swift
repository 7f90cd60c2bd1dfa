import Linux
import OCI

/// The files of an image archive or layout, by their names in it.
protocol ImageFiles {
    func has(_ name: String) -> Bool
    func open(_ name: String) throws(ImageError) -> OwnedFD
}

extension ImageFiles {
    /// A document, with a bound: manifests and configurations are small.
    func bytes(_ name: String) throws(ImageError) -> [UInt8] {
        let fd = try open(name)
        return try doing("read \(name)") { () throws(SyscallError) in try File.readAll(fd: fd.raw, limit: 16 << 20, subject: name) }
    }

    /// A blob of the layout, checked against its digest.
    func blob(_ descriptor: Descriptor) throws(ImageError) -> [UInt8] {
        let bytes = try bytes(Self.name(of: descriptor.digest))
        guard SHA256.digest(of: bytes) == descriptor.digest else {
            throw ImageError(.mismatch, "blob \(descriptor.digest) has other content than its digest says", hint: "the file is damaged or was tampered with")
        }
        return bytes
    }

    static func name(of digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }
}

/// An OCI layout as a folder of this host.
struct LayoutFolder: ImageFiles {
    private let fd: SharedFD

    init(_ path: String) throws(ImageError) {
        fd = try doing("open \(path)") { () throws(SyscallError) in SharedFD(try File.open(path, flags: File.folder).take()) }
    }

    func has(_ name: String) -> Bool { (try? File.openBeneath(fd.raw, name, flags: File.path)) != nil }

    func open(_ name: String) throws(ImageError) -> OwnedFD {
        try doing("open \(name)") { () throws(SyscallError) in try File.openBeneath(fd.raw, name, flags: File.readOnly) }
    }
}

/// An archive that came through a pipe: its files are kept in a folder, under numbers instead of their names, so that no name in
/// it ever becomes a path of this host.
final class Spool: ImageFiles {
    private let scratch: Scratch
    private var places: [String: Int] = [:]
    private var links: [String: String] = [:]
    private var size: Int64 = 0

    init(fd: Int32, temporary: String, limits: UnpackLimits) throws(ImageError) {
        scratch = try Scratch(temporary, "archive")
        do throws(ImageError) {
            let archive = try Archive(fd: fd)
            while let entry = try archive.next() { try keep(entry, archive, limits) }
        } catch {
            scratch.remove()
            throw error
        }
    }

    deinit { scratch.remove() }

    private func keep(_ entry: ArchiveEntry, _ archive: Archive, _ limits: UnpackLimits) throws(ImageError) {
        let path = try LayerPath(entry.name)
        let name = Self.join(path)
        if let target = entry.hardLink ?? nil {
            links[name] = Self.join(try LayerPath(target))
            return
        }
        if entry.kind == .symbolicLink {
            // `docker save` of old writes a layer that two images share as a link to the first: ../<id>/layer.tar
            links[name] = Self.resolve(entry.symbolicLink ?? "", from: path.parents)
            return
        }
        guard entry.kind == .file else { return }
        let number = places.count
        let file = "\(scratch.path)/\(number)"
        let fd = try doing("keep \(name)") { () throws(SyscallError) in try File.open(file, flags: File.newFile, mode: 0o600) }
        var total = size
        try archive.content { bytes, offset throws(ImageError) in
            total += Int64(bytes.count)
            if total > limits.archiveBytes { throw ImageError(.tooBig, "the archive holds more than \(limits.archiveBytes >> 20) MiB") }
            try doing("keep \(name)") { () throws(SyscallError) in try File.write(fd.raw, bytes, at: offset) }
        }
        size = total
        places[name] = number
    }

    private static func join(_ path: LayerPath) -> String { (path.parents + [path.name]).joined(separator: "/") }

    private static func resolve(_ target: String, from parents: [String]) -> String {
        var parts = target.hasPrefix("/") ? [] : parents
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    private func place(_ name: String) -> Int? {
        var name = name
        for _ in 0..<8 {
            if let place = places[name] { return place }
            guard let target = links[name] else { return nil }
            name = target
        }
        return nil
    }

    func has(_ name: String) -> Bool { place(name) != nil }
    var isEmpty: Bool { places.isEmpty }

    func open(_ name: String) throws(ImageError) -> OwnedFD {
        guard let place = place(name) else {
            throw ImageError(.invalid, "the archive has no \"\(name)\"", hint: "it may be cut short: make or fetch it again")
        }
        let path = "\(scratch.path)/\(place)"
        return try doing("open \(name)") { () throws(SyscallError) in try File.open(path, flags: File.readOnly) }
    }
}
