import FoundationEssentials
import Glibc
import Images
import Linux
import OCI
import TestSupport

/// Archives made byte by byte, so that they can be wrong in every way (POSIX ustar).
struct Tar {
    fileprivate(set) var bytes: [UInt8] = []

    mutating func add(
        _ name: String, _ content: String = "", type: Character = "0", mode: Int = 0o644, uid: Int = 0, gid: Int = 0, link: String = "", size: Int? = nil,
        major: Int = 0, minor: Int = 0, pax: [String: String] = [:]
    ) {
        if !pax.isEmpty { addExtended(pax) }
        header(name, content, type, mode, uid, gid, link, size ?? content.utf8.count, major, minor)
        bytes += Array(content.utf8)
        pad()
    }

    private mutating func addExtended(_ values: [String: String]) {
        var text = ""
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            let rest = " \(key)=\(value)\n"
            var length = rest.utf8.count + 1
            while "\(length)".utf8.count + rest.utf8.count > length { length += 1 }
            text += "\(length)\(rest)"
        }
        header("pax", text, "x", 0o644, 0, 0, "", text.utf8.count, 0, 0)
        bytes += Array(text.utf8)
        pad()
    }

    private mutating func header(
        _ name: String, _ content: String, _ type: Character, _ mode: Int, _ uid: Int, _ gid: Int, _ link: String, _ size: Int, _ major: Int, _ minor: Int
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int, _ width: Int) {
            for (index, byte) in text.utf8.prefix(width).enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ offset: Int, _ width: Int) {
            let digits = String(number, radix: 8)
            put(String(repeating: "0", count: max(0, width - 1 - digits.count)) + digits, offset, width - 1)
        }
        put(name, 0, 100)
        octal(mode, 100, 8)
        octal(uid, 108, 8)
        octal(gid, 116, 8)
        octal(size, 124, 12)
        octal(1_700_000_000, 136, 12)
        put(String(type), 156, 1)
        put(link, 157, 100)
        put("ustar\u{0}00", 257, 8)
        octal(major, 329, 8)
        octal(minor, 337, 8)
        put("        ", 148, 8)
        octal(block.reduce(0) { $0 + Int($1) }, 148, 7)
        bytes += block
    }

    private mutating func pad() { while bytes.count % 512 != 0 { bytes.append(0) } }

    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}

/// A store in a folder of its own, and archives for it.
struct Shop {
    let scratch = Scratch("images")
    let store: ImageStore

    init(limits: UnpackLimits = UnpackLimits()) throws {
        // A store that refuses does not read to the end: the writer then gets an error instead of a signal.
        signal(SIGPIPE, SIG_IGN)
        store = try ImageStore(root: "\(scratch.path)/root", limits: limits)
    }

    /// Hands bytes over through a pipe, as standard input would.
    func load(_ bytes: [UInt8]) throws -> [LoadedImage] {
        try withPipe(bytes) { try store.load(fd: $0) }
    }

    func withPipe<Value>(_ bytes: [UInt8], _ body: (Int32) throws -> Value) throws -> Value {
        let pipe = try Pipe()
        let writing = pipe.writing
        try NamedThread.start("test-writer") {
            try? File.write(writing.raw, bytes)
            writing.close()
        }
        defer { pipe.reading.close() }
        return try body(pipe.reading.raw)
    }

    /// A docker archive of one image with these layers (each the bytes of a tar), lowest first.
    static func docker(_ name: String, layers: [[UInt8]], config: ImageConfig = ImageConfig(), diffIDs: [Digest]? = nil) throws -> [UInt8] {
        let document = ImageDocument(config: config, diffIDs: diffIDs ?? layers.map { SHA256.digest(of: $0) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = try encoder.encode(document)
        let id = SHA256.digest(of: Array(json)).hex
        var tar = Tar()
        var names: [String] = []
        for (index, layer) in layers.enumerated() {
            names.append("\(index)/layer.tar")
            tar.add(binary: layer, "\(index)/layer.tar")
        }
        tar.add(binary: Array(json), "\(id).json")
        let manifest = [DockerArchiveEntry(Config: "\(id).json", RepoTags: [name], Layers: names)]
        tar.add(binary: Array(try JSONEncoder().encode(manifest)), "manifest.json")
        return tar.finished
    }

    func file(_ path: String, of image: ImageRecord, layer: Int = 0) -> String { "\(store.layers(of: image)[layer])/\(path)" }

    /// Nothing half made is there.
    var leftovers: [String] {
        let root = "\(scratch.path)/root/images"
        return ((try? File.list("\(root)/tmp")) ?? []) + ((try? File.list("\(root)/layers")) ?? [])
    }
}

extension Tar {
    mutating func add(binary: [UInt8], _ name: String) {
        var other = Tar()
        other.add(name, "", size: binary.count)
        append(other.bytes + binary)
    }

    private mutating func append(_ more: [UInt8]) {
        bytes += more
        while bytes.count % 512 != 0 { bytes.append(0) }
    }
}
