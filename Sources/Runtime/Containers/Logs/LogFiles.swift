import CLinux
import Linux

/// The log of one container: `container.log` and the older `container.log.1`, `.2`… that rotation left.
public struct LogFiles: Sendable, Hashable {
    /// The newest file.
    public let path: String
    /// How many older files are looked for.
    static let mostOld = 99

    public init(folder: String) { path = "\(folder)/container.log" }

    /// The wanted lines that are there now. What is not there (a container that never ran) has none.
    /// - Throws: `.system` when a file cannot be read.
    public func read(_ query: LogQuery = LogQuery()) throws(RuntimeError) -> [LogEntry] {
        let reader = try LogReader(self, query)
        var out: [LogEntry] = []
        while true {
            let entries = try reader.next()
            if entries.isEmpty { return out + reader.finish() }
            out += entries
        }
    }

    /// The wanted lines and then those to come.
    /// - Parameter isLive: asked whenever nothing is left to read; false ends the sequence. Without it only `until` or cancellation does.
    public func follow(_ query: LogQuery = LogQuery(), while isLive: @escaping @Sendable () async -> Bool = { true }) -> LogFollowing {
        LogFollowing(files: self, query: query, isLive: isLive)
    }

    /// Opens every file there is, oldest first. They are opened from the newest on, so that a rotation meanwhile shows one twice
    /// instead of hiding it; the second is dropped.
    func openAll() throws(RuntimeError) -> [LogPart] {
        var parts: [LogPart] = []
        var missing = 0
        for number in 0...Self.mostOld {
            guard let part = try LogPart.open(number == 0 ? path : "\(path).\(number)") else {
                // One name is free for a moment during a rotation.
                missing += 1
                if missing > 1 && number > 1 { break }
                continue
            }
            if !parts.contains(where: { $0.identity == part.identity }) { parts.append(part) }
        }
        return parts.reversed()
    }
}

extension ContainerRuntime {
    /// The container's output, also of one that does not run any more.
    public func logs(_ id: String) -> LogFiles { LogFiles(folder: logFolder(id)) }
}

/// An open file of a log. It stays readable, and its inode number taken, whatever rotation renames or removes.
final class LogPart {
    struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    let identity: Identity
    let path: String
    private let fd: OwnedFD

    private init(_ path: String, _ fd: consuming OwnedFD, _ identity: Identity) {
        self.path = path
        self.fd = fd
        self.identity = identity
    }

    static func open(_ path: String) throws(RuntimeError) -> LogPart? {
        do throws(SyscallError) {
            let fd = try File.open(path, flags: File.readOnly | Int32(GL_O_NOFOLLOW))
            let status = try File.status(fd: fd.raw)
            return LogPart(path, fd, Identity(device: status.device, inode: status.inode))
        } catch {
            if error.errno == 2 { return nil }
            throw RuntimeError(.system, "read the log \"\(path)\"", cause: error.description)
        }
    }

    func size() throws(RuntimeError) -> Int64 {
        let raw = fd.raw
        return try doing("read the log \"\(path)\"") { () throws(SyscallError) in try File.status(fd: raw).size }
    }

    /// At most `count` bytes from `offset` on; empty at the end.
    func read(at offset: Int64, count: Int) throws(RuntimeError) -> [UInt8] {
        let (raw, path) = (fd.raw, path)
        return try doing("read the log \"\(path)\"") { () throws(SyscallError) in
            try File.read(raw, at: offset, count: count, subject: path)
        }
    }
}
