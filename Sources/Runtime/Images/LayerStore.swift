import Linux
import OCI

/// Unpacked layers, `layers/<diff id>`: made once, whole or not at all, shared by all containers.
struct LayerStore: Sendable {
    let folder: String
    let temporary: String

    func path(_ diffID: Digest) -> String { "\(folder)/\(diffID.hex)" }
    func has(_ diffID: Digest) -> Bool { File.exists(path(diffID)) }

    /// Unpacks a layer unless it is there.
    /// - Parameters:
    ///   - fd: the layer as stored, compressed or not.
    ///   - expected: its diff id by the image's configuration; nil takes what it turns out to be.
    /// - Throws: `.mismatch` when the content is something else; nothing of it stays.
    func add(fd: Int32, expected: Digest?, limits: UnpackLimits) throws(ImageError) -> Digest {
        if let expected, has(expected) { return expected }
        let scratch = try Scratch(temporary, "layer")
        defer { scratch.remove() }
        let stream = try LayerStream(fd: fd, limit: limits.layerBytes)
        var unpacker = try Unpacker(folder: scratch.path, limits: limits)
        try unpacker.unpack(try Archive(stream))
        let found = try stream.finish()
        if let expected, expected != found {
            throw ImageError(
                .mismatch, "a layer is \(found), but the image's configuration says \(expected)", hint: "the file is damaged or was tampered with")
        }
        try scratch.become(path(found))
        return found
    }

    func remove(_ diffID: Digest) throws(ImageError) {
        // Renamed first: half a layer must never be taken for a whole one.
        let scratch = try Scratch(temporary, "removed", make: false)
        let path = path(diffID)
        try doing("remove layer \(diffID)") { () throws(SyscallError) in
            guard File.exists(path) else { return }
            try File.rename(path, to: scratch.path)
            try File.removeTree(scratch.path)
        }
    }
}

/// A folder that is filled and then either takes its place at once or goes.
struct Scratch: Sendable {
    let path: String

    init(_ parent: String, _ name: String, make: Bool = true) throws(ImageError) {
        var generator = SystemRandomNumberGenerator()
        let path = "\(parent)/\(name)-\(String(generator.next() as UInt64, radix: 16))"
        self.path = path
        if make { try doing("make \(path)") { () throws(SyscallError) in try File.makeDirectory(path, mode: 0o755) } }
    }

    /// Renames the folder; one that is there already (two loads of one image) is as good.
    func become(_ place: String) throws(ImageError) {
        let path = path
        try doing("put \(place) in place") { () throws(SyscallError) in
            do throws(SyscallError) { try File.rename(path, to: place) } catch { if error.name != "EEXIST" && error.name != "ENOTEMPTY" { throw error } }
        }
    }

    func remove() { try? File.removeTree(path) }
}
