/// How the loader reads files; tests give it a dictionary.
public protocol FileAccess: Sendable {
    /// The bytes of a file; `nil`: there is none. Throws a sentence for what exists and cannot be read.
    func read(_ path: String) throws(UnreadableFile) -> [UInt8]?
    /// Whether there is a file or folder; one that nobody may look at counts as there.
    func exists(_ path: String) -> Bool
}

/// A file that exists and cannot be read.
public struct UnreadableFile: Error, Sendable, Hashable {
    public var path: String
    /// Lower-case, without a full stop: `is a folder`, `permission denied`.
    public var cause: String

    public init(path: String, cause: String) {
        self.path = path
        self.cause = cause
    }
}

/// Files that are given, by absolute path.
public struct GivenFiles: FileAccess {
    public var contents: [String: [UInt8]]

    public init(_ contents: [String: String]) {
        self.contents = contents.mapValues { Array($0.utf8) }
    }

    public func read(_ path: String) throws(UnreadableFile) -> [UInt8]? { contents[path] }

    public func exists(_ path: String) -> Bool {
        contents[path] != nil || contents.keys.contains { $0.hasPrefix(path + "/") }
    }
}
