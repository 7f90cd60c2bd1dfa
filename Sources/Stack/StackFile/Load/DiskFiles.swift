#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files of this machine; the path `-` is standard input, read once.
public struct DiskFiles: FileAccess {
    /// Larger files are refused: nothing a stack file names is near it.
    public var limit = 64 << 20

    public init() {}

    public func read(_ path: String) throws(UnreadableFile) -> [UInt8]? {
        if path == "-" { return try drain(STDIN_FILENO, path) }
        // Not blocking: a fifo must not stop the loader before it is known to be one.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        let code = errno
        guard file >= 0 else {
            if code == ENOENT || code == ENOTDIR { return nil }
            throw UnreadableFile(path: path, cause: String(cString: strerror(code)).lowercased())
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR { throw UnreadableFile(path: path, cause: "is a folder") }
        guard kind == S_IFREG || kind == S_IFCHR || kind == S_IFIFO else {
            throw UnreadableFile(path: path, cause: "is not a file")
        }
        return try drain(file, path)
    }

    public func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || errno == EACCES
    }

    private func drain(_ file: Int32, _ path: String) throws(UnreadableFile) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = readBytes(file, &chunk, chunk.count)
            let code = errno
            if count == 0 { return bytes }
            if count < 0 {
                if code == EINTR { continue }
                if code == EAGAIN {
                    // A pipe such as `<(…)` that has nothing yet.
                    var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
                    _ = poll(&waiting, 1, -1)
                    continue
                }
                throw UnreadableFile(path: path, cause: String(cString: strerror(code)).lowercased())
            }
            bytes += chunk[0..<count]
            if bytes.count > limit { throw UnreadableFile(path: path, cause: "is larger than \(limit >> 20) MiB") }
        }
    }
}

/// read(2), under a name that the method `read` does not hide.
private func readBytes(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, buffer, count)
}
