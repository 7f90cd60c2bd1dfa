/// A received netlink message: everything is checked against what is there, whatever the lengths in it say.
public struct Message: Sendable {
    public let type: UInt16
    public let flags: UInt16
    public let sequence: UInt32
    public let body: ArraySlice<UInt8>

    /// The messages in one read of a socket; an unfinished rest is left out.
    public static func all(in bytes: [UInt8]) -> [Message] {
        var messages: [Message] = []
        var rest = bytes[...]
        while rest.count >= 16 {
            let length = Int(number(rest, 0, UInt32.self))
            guard length >= 16, length <= rest.count else { break }
            messages.append(
                Message(
                    type: number(rest, 4, UInt16.self), flags: number(rest, 6, UInt16.self), sequence: number(rest, 8, UInt32.self),
                    body: rest[(rest.startIndex + 16)..<(rest.startIndex + length)]))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return messages
    }

    /// The attributes after a fixed part of `offset` bytes, by type without the nesting bits.
    public func attributes(after offset: Int) -> Attributes { Attributes(body.dropFirst((offset + 3) & ~3)) }

    /// A number of the fixed part; 0 when the message ends before it.
    public func number<Value: FixedWidthInteger>(at offset: Int, _ type: Value.Type) -> Value { Self.number(body, offset, type) }

    static func number<Value: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ type: Value.Type) -> Value {
        guard offset >= 0, offset + MemoryLayout<Value>.size <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }
}

public struct Attributes: Sendable {
    private var found: [UInt16: ArraySlice<UInt8>] = [:]

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while rest.count >= 4 {
            let length = Int(Message.number(rest, 0, UInt16.self))
            guard length >= 4, length <= rest.count else { return }
            found[Message.number(rest, 2, UInt16.self) & 0x3fff] = rest[(rest.startIndex + 4)..<(rest.startIndex + length)]
            rest = rest.dropFirst((length + 3) & ~3)
        }
    }

    public subscript(type: UInt16) -> ArraySlice<UInt8>? { found[type] }

    public func text(_ type: UInt16) -> String? {
        found[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    public func number<Value: FixedWidthInteger>(_ type: UInt16, _: Value.Type) -> Value? {
        guard let bytes = found[type], bytes.count >= MemoryLayout<Value>.size else { return nil }
        return Message.number(bytes, 0, Value.self)
    }

    public func nested(_ type: UInt16) -> Attributes? { found[type].map { Attributes($0) } }
}
