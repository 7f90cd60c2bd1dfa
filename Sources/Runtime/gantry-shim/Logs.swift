import CLinux
import EmbeddedLaunch

/// Output of the container as lines of the CRI log format, `2026-01-02T03:04:05.123456789Z stdout F text`: F is a whole line, P a
/// part of one that goes on. Written here and not in the daemon, so that a daemon's end loses nothing.
struct LogFile {
    private let path: [UInt8]
    private let maxBytes: UInt64
    private let files: UInt32
    private var fd: Int32 = -1
    private var size: UInt64 = 0

    init(path: [UInt8], maxBytes: UInt64, files: UInt32) {
        self.path = path
        self.maxBytes = maxBytes
        self.files = files
        open()
    }

    private mutating func open() {
        if path.isEmpty { return }
        let flags = Int32(GL_O_WRONLY | GL_O_CREAT | GL_O_APPEND | GL_O_CLOEXEC | GL_O_NOFOLLOW)
        fd = withCString(path) { gl_open($0, flags, 0o640) }
        var status = gl_stat()
        if fd >= 0 && gl_fstatat(fd, "", &status, Int32(GL_AT_EMPTY_PATH)) == 0 { size = UInt64(status.size) }
    }

    mutating func append(_ lines: [UInt8]) {
        if fd < 0 || lines.isEmpty { return }
        if maxBytes > 0 && size + UInt64(lines.count) > maxBytes && size > 0 { rotate() }
        _ = writeAll(fd, lines)
        size += UInt64(lines.count)
    }

    /// `log` becomes `log.1`, that becomes `log.2`…; the oldest goes.
    private mutating func rotate() {
        _ = gl_close(fd)
        var number = Int64(files) - 1
        if number < 1 {
            _ = withCString(path) { gl_unlinkat(Int32(GL_AT_FDCWD), $0, 0) }
        }
        while number >= 1 {
            let from = number == 1 ? path : path + [46] + digits(number - 1)
            let to = path + [46] + digits(number)
            _ = withCString(from) { old in withCString(to) { gl_rename(old, $0) } }
            number -= 1
        }
        size = 0
        open()
    }
}

/// One output stream of the container: bytes in, log lines out.
struct LogStream {
    /// A line longer than this is written in parts.
    private static let longest = 16384

    let fd: Int32
    private let name: [UInt8]
    private var pending: [UInt8] = []

    init(fd: Int32, name: StaticString) {
        self.fd = fd
        self.name = bytes(" ") + bytes(name) + bytes(" ")
    }

    enum Reading {
        case lines([UInt8])
        case nothing
        case ended
    }

    /// Reads once and answers whole log lines.
    mutating func read(into buffer: inout [UInt8]) -> Reading {
        let count = gl_read(fd, &buffer, buffer.count)
        if count < 0 { return gl_errno() == 11 || gl_errno() == 4 ? .nothing : .ended }
        if count == 0 { return .ended }
        var out: [UInt8] = []
        out.reserveCapacity(count + 256)
        let stamp = timestamp(gl_clock_real_ns())
        var start = 0
        for index in 0..<count where buffer[index] == 10 {
            line(buffer, start, index, stamp, full: true, &out)
            start = index + 1
        }
        if start < count {
            pending.append(contentsOf: buffer[start..<count])
            if pending.count > Self.longest { line(buffer, 0, 0, stamp, full: false, &out) }
        }
        return .lines(out)
    }

    /// What is left of an unfinished line when the stream ends.
    mutating func rest() -> [UInt8] {
        var out: [UInt8] = []
        if !pending.isEmpty { line([], 0, 0, timestamp(gl_clock_real_ns()), full: true, &out) }
        return out
    }

    private mutating func line(
        _ buffer: [UInt8], _ start: Int, _ end: Int, _ stamp: [UInt8], full: Bool, _ out: inout [UInt8]
    ) {
        out.append(contentsOf: stamp)
        out.append(contentsOf: name)
        out.append(full ? 70 : 80)
        out.append(32)
        if !pending.isEmpty {
            out.append(contentsOf: pending)
            pending.removeAll(keepingCapacity: false)
        }
        if end > start { out.append(contentsOf: buffer[start..<end]) }
        out.append(10)
    }
}

/// RFC 3339 in UTC with nanoseconds.
func timestamp(_ nanoseconds: Int64) -> [UInt8] {
    var fields: [Int32] = [0, 0, 0, 0, 0, 0]
    gl_utc(nanoseconds / 1_000_000_000, &fields)
    var out = digits(Int64(fields[0]), width: 4)
    let separators: [UInt8] = [45, 45, 84, 58, 58]
    for index in 1..<6 {
        out.append(separators[index - 1])
        out.append(contentsOf: digits(Int64(fields[index]), width: 2))
    }
    out.append(46)
    out.append(contentsOf: digits(nanoseconds % 1_000_000_000, width: 9))
    out.append(90)
    return out
}
