/// A netlink message in the making: header, fixed part, attributes (netlink(7), rtnetlink(7)).
public struct MessageBuilder: Sendable {
    public private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - type: RTM_NEWLINK and its like.
    ///   - flags: NLM_F_… ; NLM_F_REQUEST is always set.
    public init(type: UInt16, flags: UInt16 = 0) {
        bytes = []
        put(UInt32(0))
        put(type)
        put(flags | 1)
        put(UInt32(0))
        put(UInt32(0))
    }

    public mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// An attribute: length, type, content, padded to four bytes.
    public mutating func attribute(_ type: UInt16, _ content: [UInt8]) {
        put(UInt16(truncatingIfNeeded: content.count + 4))
        put(type)
        bytes += content
        pad()
    }

    public mutating func attribute(_ type: UInt16, text: String) { attribute(type, Array(text.utf8) + [0]) }

    public mutating func attribute(_ type: UInt16, number: some FixedWidthInteger) {
        attribute(type, withUnsafeBytes(of: number) { Array($0) })
    }

    /// An attribute that holds others, or a fixed part and others.
    public mutating func nest(_ type: UInt16, _ body: (inout MessageBuilder) -> Void) {
        let start = bytes.count
        put(UInt16(0))
        put(type)
        body(&self)
        patch(UInt16(truncatingIfNeeded: bytes.count - start), at: start)
        pad()
    }

    /// The same content as another kind of message, without flags: what a request made, the opposite one removes.
    mutating func become(_ type: UInt16) {
        patch(type, at: 4)
        patch(UInt16(1), at: 6)
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    private mutating func patch(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value) { raw in
            for (index, byte) in raw.enumerated() { bytes[offset + index] = byte }
        }
    }

    /// The message with its length and this sequence number; `flags` are added.
    public func finished(sequence: UInt32, flags: UInt16 = 0) -> [UInt8] {
        var copy = self
        copy.patch(UInt32(truncatingIfNeeded: copy.bytes.count), at: 0)
        let old = UInt16(copy.bytes[6]) | UInt16(copy.bytes[7]) << 8
        copy.patch(old | flags, at: 6)
        copy.patch(sequence, at: 8)
        return copy.bytes
    }
}
