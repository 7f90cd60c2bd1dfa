/// Which lines of a log.
public struct LogQuery: Sendable, Hashable {
    /// Lines from the end; nil: all.
    public var tail: Int?
    /// Nanoseconds since 1970, both inclusive.
    public var since: Int64?
    public var until: Int64?

    public init(tail: Int? = nil, since: Int64? = nil, until: Int64? = nil) {
        self.tail = tail
        self.since = since
        self.until = until
    }
}

/// Looks for the place where the wanted end of a log begins, by lines from the last to the first.
struct TailSearch {
    /// How many lines of the other stream may lie inside a long line.
    private static let patience = 256
    private let query: LogQuery
    private var found = 0
    private var extra = 0
    /// Streams that have a line among the wanted ones whose first part was not seen yet.
    private var unfinished: Set<LogEntry.Stream> = []
    private var isClosing = false

    /// Whole lines that a reader of the place must skip: older ones, between the parts of a wanted one.
    private(set) var skip = 0

    init(_ query: LogQuery) { self.query = query }

    /// - Returns: whether the place is before this line (true) or further up (false).
    mutating func beginsAfter(_ line: ArraySlice<UInt8>) -> Bool {
        guard let record = LogRecord(line) else { return false }
        if let until = query.until, record.time > until { return false }
        if isClosing { return close(record) }
        let isWanted = query.tail.map { found < $0 } ?? true
        let isOld = query.since.map { record.time < $0 } ?? false
        if isWanted && !isOld {
            if record.isWhole { found += 1 }
            unfinished.insert(record.stream)
            return false
        }
        isClosing = true
        return close(record)
    }

    private mutating func close(_ record: LogRecord) -> Bool {
        if record.isWhole {
            unfinished.remove(record.stream)
            if unfinished.isEmpty || extra >= Self.patience { return true }
            skip += 1
        } else if !unfinished.contains(record.stream) {
            return unfinished.isEmpty
        }
        extra += 1
        return extra > Self.patience
    }
}
