/// Bytes that cannot be a plan: cut off, too long, or of a version that is not known.
public enum CodecError: Error, Equatable, Sendable {
    case truncated
    case unknownVersion(UInt32)
    case unknownStep(UInt16)
}

/// Little-endian writing.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put(_ value: UInt8) { bytes.append(value) }
    mutating func put(_ value: UInt16) { for shift in 0..<2 { bytes.append(UInt8(truncatingIfNeeded: value >> (UInt16(shift) * 8))) } }
    mutating func put(_ value: UInt32) { for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> (UInt32(shift) * 8))) } }
    mutating func put(_ value: UInt64) { for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (UInt64(shift) * 8))) } }
    mutating func put(_ value: Bool) { put(UInt8(value ? 1 : 0)) }
    mutating func put(_ value: [UInt8]) {
        put(UInt32(truncatingIfNeeded: value.count))
        bytes.append(contentsOf: value)
    }
    mutating func put(_ values: [[UInt8]]) {
        put(UInt32(truncatingIfNeeded: values.count))
        for value in values { put(value) }
    }
    mutating func put(_ values: [UInt32]) {
        put(UInt32(truncatingIfNeeded: values.count))
        for value in values { put(value) }
    }
}

/// Little-endian reading that never goes past the end.
struct ByteReader {
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func u8() throws(CodecError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated }
        offset += 1
        return bytes[offset - 1]
    }
    mutating func integer(_ size: Int) throws(CodecError) -> UInt64 {
        guard bytes.count - offset >= size else { throw .truncated }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[offset + index]) << (UInt64(index) * 8) }
        offset += size
        return value
    }
    mutating func u16() throws(CodecError) -> UInt16 { UInt16(truncatingIfNeeded: try integer(2)) }
    mutating func u32() throws(CodecError) -> UInt32 { UInt32(truncatingIfNeeded: try integer(4)) }
    mutating func u64() throws(CodecError) -> UInt64 { try integer(8) }
    mutating func bool() throws(CodecError) -> Bool { try u8() != 0 }
    mutating func data() throws(CodecError) -> [UInt8] {
        let count = Int(try u32())
        guard bytes.count - offset >= count else { throw .truncated }
        offset += count
        return Array(bytes[(offset - count)..<offset])
    }
    /// A count of things that take at least `size` bytes each: a lying count ends here, not in an allocation.
    mutating func count(of size: Int) throws(CodecError) -> Int {
        let count = Int(try u32())
        guard (bytes.count - offset) / size >= count else { throw .truncated }
        return count
    }
    mutating func list() throws(CodecError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for _ in 0..<(try count(of: 4)) { values.append(try data()) }
        return values
    }
    mutating func numbers() throws(CodecError) -> [UInt32] {
        var values: [UInt32] = []
        for _ in 0..<(try count(of: 4)) { values.append(try u32()) }
        return values
    }
}
