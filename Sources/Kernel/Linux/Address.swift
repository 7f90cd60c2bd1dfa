/// An IPv4 address, as a number in host order.
public struct IPv4: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    public var value: UInt32
    public init(_ value: UInt32) { self.value = value }

    /// Reads `10.0.0.1`; four decimal parts without leading zeros.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy({ (48...57).contains($0) }), part == "0" || !part.hasPrefix("0"), let byte = UInt8(part) else { return nil }
            value = value << 8 | UInt32(byte)
        }
        self.value = value
    }

    /// - Parameter bytes: four, in network order.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = IPv4(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is no IPv4 address"))
        }
        self = address
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// In network order.
    public var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    public var description: String { bytes.map { String($0) }.joined(separator: ".") }
    public static func < (left: IPv4, right: IPv4) -> Bool { left.value < right.value }
}

/// An IPv4 network: `10.0.0.0/24`.
public struct Subnet4: Codable, Sendable, Hashable, CustomStringConvertible {
    public var base: IPv4
    public var prefix: Int

    public init(_ base: IPv4, prefix: Int) {
        self.prefix = max(0, min(32, prefix))
        self.base = IPv4(base.value & Self.mask(self.prefix))
    }

    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPv4(String(parts[0])), let prefix = Int(parts[1]), (0...32).contains(prefix) else { return nil }
        self.init(base, prefix: prefix)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let subnet = Subnet4(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is no IPv4 network"))
        }
        self = subnet
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static func mask(_ prefix: Int) -> UInt32 { prefix == 0 ? 0 : UInt32.max << UInt32(32 - prefix) }
    public var last: IPv4 { IPv4(base.value | ~Self.mask(prefix)) }
    public func contains(_ address: IPv4) -> Bool { address >= base && address <= last }
    public func overlaps(_ other: Subnet4) -> Bool { contains(other.base) || other.contains(base) }
    public var description: String { "\(base)/\(prefix)" }
}
