/// A length of time in whole milliseconds.
public struct Milliseconds: Codable, Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral {
    public var value: Int

    public init(_ value: Int) { self.value = value }
    public init(integerLiteral value: Int) { self.value = value }
    public init(seconds: Int) { self.value = seconds * 1000 }

    public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    public static func < (left: Milliseconds, right: Milliseconds) -> Bool { left.value < right.value }
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Pure code gets it as an argument.
public struct Timestamp: Codable, Sendable, Hashable, Comparable {
    public var milliseconds: Int

    public init(milliseconds: Int) { self.milliseconds = milliseconds }

    public init(from decoder: any Decoder) throws { milliseconds = try decoder.singleValueContainer().decode(Int.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
    /// The moment `span` later; stays at the largest moment instead of overflowing.
    public static func + (left: Timestamp, span: Milliseconds) -> Timestamp {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(span.value)
        return Timestamp(milliseconds: overflow ? Int.max : sum)
    }
    /// How long after `right` this moment is.
    public static func - (left: Timestamp, right: Timestamp) -> Milliseconds {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
        return Milliseconds(overflow ? Int.max : difference)
    }
}
