/// Reads the log of one container line by line, from a place near its end if only the end is wanted, across rotations.
public final class LogReader {
    private static let block = 1 << 16
    private let files: LogFiles
    private let query: LogQuery
    /// Files still to read, oldest first; the first is being read.
    private var parts: [LogPart]
    private var offset: Int64
    private var carry: [UInt8] = []
    private var joiner = LogJoiner()
    private var skip: Int
    /// A line later than `until` was seen.
    public private(set) var hasEnded = false

    /// - Throws: `.system` when a file cannot be read.
    public init(_ files: LogFiles, _ query: LogQuery = LogQuery()) throws(RuntimeError) {
        self.files = files
        self.query = query
        parts = try files.openAll()
        offset = 0
        skip = 0
        if query.tail != nil || query.since != nil { try seekBack() }
    }

    /// The next lines; empty when nothing more is there yet.
    public func next() throws(RuntimeError) -> [LogEntry] {
        var out: [LogEntry] = []
        while out.isEmpty && !hasEnded {
            guard let part = parts.first else {
                parts = try files.openAll()
                if parts.isEmpty { return [] }
                continue
            }
            let bytes = try part.read(at: offset, count: Self.block)
            if bytes.isEmpty {
                if try !advance(from: part) { return [] }
                continue
            }
            offset += Int64(bytes.count)
            take(bytes, into: &out)
        }
        return out
    }

    /// What the end of the log leaves unfinished: for a log that nobody writes any more.
    public func finish() -> [LogEntry] {
        var rest: [LogEntry] = []
        if !carry.isEmpty { accept(joiner.add(carry[...]), into: &rest) }
        carry = []
        for entry in joiner.finish() { accept(entry, into: &rest) }
        return rest
    }

    /// At the end of a file: goes on to the next one if the writer has. The writer leaves a file before it renames it, so a file
    /// that has lost its name is complete, once what came meanwhile is read.
    private func advance(from part: LogPart) throws(RuntimeError) -> Bool {
        if parts.count == 1 {
            guard let newest = try LogPart.open(files.path), newest.identity != part.identity else { return false }
            let all = try files.openAll()
            let place = all.firstIndex { $0.identity == part.identity }
            parts = [part] + (place.map { all[($0 + 1)...] } ?? all[...])
            if try part.size() > offset { return true }
        }
        parts.removeFirst()
        offset = 0
        // A file cut short mid-line: what there is of the line counts.
        if !carry.isEmpty { carry.append(10) }
        return true
    }

    private func take(_ bytes: [UInt8], into out: inout [LogEntry]) {
        carry.append(contentsOf: bytes)
        var start = carry.startIndex
        while let end = carry[start...].firstIndex(of: 10) {
            accept(joiner.add(carry[start..<end]), into: &out)
            start = end + 1
            if hasEnded { break }
        }
        carry.removeFirst(start)
    }

    private func accept(_ entry: LogEntry?, into out: inout [LogEntry]) {
        guard let entry, !hasEnded else { return }
        if skip > 0 {
            skip -= 1
            return
        }
        if let until = query.until, entry.time > until {
            hasEnded = true
            return
        }
        if let since = query.since, entry.time < since { return }
        out.append(entry)
    }

    /// Finds where the wanted end begins, reading from the end in blocks.
    private func seekBack() throws(RuntimeError) {
        var search = TailSearch(query)
        for index in parts.indices.reversed() {
            if let place = try Self.place(in: parts[index], &search) {
                parts.removeFirst(index)
                offset = place
                break
            }
        }
        skip = search.skip
    }

    private static func place(in part: LogPart, _ search: inout TailSearch) throws(RuntimeError) -> Int64? {
        var start = try part.size()
        // Bytes from `start` to the end of the first line not looked at yet.
        var rest: [UInt8] = []
        while start > 0 {
            let length = min(Int64(block), start)
            start -= length
            rest = try part.read(at: start, count: Int(length)) + rest
            // The first line may begin before the block; the others are whole.
            while let newline = rest.dropLast().lastIndex(of: 10) {
                let line = rest[(newline + 1)...]
                if search.beginsAfter(line.last == 10 ? line.dropLast() : line) { return start + Int64(rest.count) }
                rest.removeLast(rest.count - newline - 1)
            }
        }
        if !rest.isEmpty, search.beginsAfter(rest.last == 10 ? rest.dropLast() : rest[...]) { return Int64(rest.count) }
        return nil
    }
}
