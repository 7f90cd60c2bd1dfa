/// The text of one file, kept so that messages can quote its lines.
public final class Source: Sendable {
    /// The file as messages name it.
    public let name: String
    private let bytes: [UInt8]
    private let starts: [Int]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
        self.starts = starts
    }

    /// The text of a line, counted from 1, without its end; `nil` where there is none. At most 400 bytes of it.
    public func line(_ number: Int) -> String? {
        guard number >= 1, number <= starts.count else { return nil }
        let start = starts[number - 1]
        var end = number < starts.count ? starts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<min(end, start + 400)], as: UTF8.self)
    }

    /// The place of a byte; used where only an offset is known, as for text that is not UTF-8.
    func place(ofByte offset: Int) -> Place {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return Place(source: self, line: low + 1, column: max(0, offset - starts[low]) + 1)
    }
}

/// A place in a file; line and column count from 1, columns in characters.
public struct Place: Sendable, Hashable {
    public let source: Source
    public let line: Int
    public let column: Int

    public init(source: Source, line: Int, column: Int) {
        self.source = source
        self.line = line
        self.column = column
    }

    /// The same line, some characters on.
    public func advanced(by columns: Int) -> Place { Place(source: source, line: line, column: column + columns) }

    public static func == (left: Place, right: Place) -> Bool {
        left.line == right.line && left.column == right.column && left.source.name == right.source.name
    }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(line)
        hasher.combine(column)
    }
}

/// Why a file could not be read as YAML, in a person's words.
public struct Flaw: Error, Sendable {
    public var place: Place
    /// Lower-case, without a full stop.
    public var message: String
    public var hint: String?
    /// The other place it is about: the first of two equal keys, the start of an open quote.
    public var related: Place?

    public init(_ message: String, at place: Place, hint: String? = nil, related: Place? = nil) {
        self.place = place
        self.message = message
        self.hint = hint
        self.related = related
    }
}
