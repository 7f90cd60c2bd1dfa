import FoundationEssentials
import Linux
import Synchronization

/// Which images there are and what they are called: in memory for reading, in one file that is replaced whole.
final class ImageIndexFile: Sendable {
    struct Content: Codable, Sendable, Hashable {
        /// Name → image id.
        var names: [String: String] = [:]
        var images: [String: ImageRecord] = [:]
    }
    private let path: String
    private let content: Mutex<Content>

    /// - Throws: `.invalid` when the file cannot be read; it is left as it is, as it may be mended.
    init(path: String) throws(ImageError) {
        self.path = path
        guard File.exists(path) else {
            content = Mutex(Content())
            return
        }
        let bytes = try doing("read \(path)") { () throws(SyscallError) in try File.readAll(path) }
        guard let found = try? JSONDecoder().decode(Content.self, from: Data(bytes)) else {
            throw ImageError(.invalid, "\(path) cannot be read", hint: "move it away and load the images again")
        }
        content = Mutex(found)
    }

    /// Changes the index on disk and then here.
    func change(_ body: (inout Content) throws(ImageError) -> Void) throws(ImageError) {
        try content.withLock { content throws(ImageError) in
            var changed = content
            try body(&changed)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(changed) else { throw ImageError(.invalid, "the list of images cannot be written") }
            let path = path
            try doing("write \(path)") { () throws(SyscallError) in try File.writeAtomically(path, Array(data), mode: 0o600) }
            content = changed
        }
    }

    /// The record with the names it has now.
    func named(_ record: ImageRecord) -> ImageRecord { content.withLock { Self.named(record, $0) } }

    private static func named(_ record: ImageRecord, _ content: Content) -> ImageRecord {
        var copy = record
        copy.names = content.names.filter { $0.value == record.id }.keys.sorted()
        return copy
    }

    func find(name: String) -> ImageRecord? {
        content.withLock { content in content.names[name].flatMap { content.images[$0] }.map { Self.named($0, content) } }
    }

    func all() -> [ImageRecord] {
        content.withLock { content in content.images.values.map { Self.named($0, content) } }
            .sorted { ($0.names.first ?? "~", $0.id) < ($1.names.first ?? "~", $1.id) }
    }
}
