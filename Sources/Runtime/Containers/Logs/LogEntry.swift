/// A line that a container wrote.
public struct LogEntry: Sendable, Hashable {
    public enum Stream: String, Sendable, Hashable { case stdout, stderr }
    /// Nanoseconds since 1970, when the line (or its first part) was read from the container.
    public var time: Int64
    public var stream: Stream
    /// Without the newline; whatever bytes the container wrote.
    public var bytes: [UInt8]

    public init(time: Int64, stream: Stream, bytes: [UInt8]) {
        self.time = time
        self.stream = stream
        self.bytes = bytes
    }

    /// The line as text; what is no UTF-8 is replaced.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// A record of the file: `2026-01-02T03:04:05.123456789Z stdout F text`, the CRI log format; P marks a part of a line that goes on.
struct LogRecord: Hashable {
    var time: Int64
    var stream: LogEntry.Stream
    var isWhole: Bool
    var content: ArraySlice<UInt8>

    /// - Parameter line: without its newline.
    /// - Returns: nil for what is no record (a file cut short by a full disk or a power cut).
    init?(_ line: ArraySlice<UInt8>) {
        guard let first = line.firstIndex(of: 32), let time = LogTime.parse(line[line.startIndex..<first]) else { return nil }
        let rest = line[(first + 1)...]
        guard let second = rest.firstIndex(of: 32) else { return nil }
        let tagged = rest[(second + 1)...]
        guard let tag = tagged.first, tag == 70 || tag == 80 else { return nil }
        guard let stream = LogEntry.Stream(rawValue: String(decoding: rest[rest.startIndex..<second], as: UTF8.self)) else { return nil }
        let content = tagged.dropFirst()
        guard content.isEmpty || content.first == 32 else { return nil }
        self.time = time
        self.stream = stream
        isWhole = tag == 70
        self.content = content.dropFirst()
    }
}

/// Puts the parts of long lines together, each stream for itself.
struct LogJoiner {
    /// A line without an end must not take all memory: what is longer comes in pieces.
    static let longest = 1 << 20
    private var open: [LogEntry.Stream: LogEntry] = [:]
    private var lastTime: Int64 = 0

    /// - Returns: the entry that this line of the file ends, if it ends one.
    mutating func add(_ line: ArraySlice<UInt8>) -> LogEntry? {
        guard let record = LogRecord(line) else {
            return line.isEmpty ? nil : LogEntry(time: lastTime, stream: .stdout, bytes: Array(line))
        }
        lastTime = record.time
        var entry = open.removeValue(forKey: record.stream) ?? LogEntry(time: record.time, stream: record.stream, bytes: [])
        entry.bytes.append(contentsOf: record.content)
        if record.isWhole || entry.bytes.count >= Self.longest { return entry }
        open[record.stream] = entry
        return nil
    }

    /// What the end of the log leaves unfinished.
    mutating func finish() -> [LogEntry] {
        defer { open = [:] }
        return open.values.sorted { $0.time < $1.time }
    }
}
