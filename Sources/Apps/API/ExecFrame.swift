/// A piece of an exec's stream: channel (1 byte), length (4 bytes, big-endian), content. Both bodies of the request carry them, at the
/// same time.
public enum ExecFrame: Sendable, Hashable {
    case stdin([UInt8])
    case stdout([UInt8])
    case stderr([UInt8])
    case resize(rows: UInt16, columns: UInt16)
    case exit(Int32)
    case stdinEnd
    /// A failure, as JSON, instead of an exit.
    case failure([UInt8])
    /// The first of all: `ExecStart` as JSON.
    case start([UInt8])

    /// The most that one frame may carry.
    public static let most = 1 << 20

    public var encoded: [UInt8] {
        switch self {
        case .stdin(let bytes): Self.frame(0, bytes)
        case .stdout(let bytes): Self.frame(1, bytes)
        case .stderr(let bytes): Self.frame(2, bytes)
        case .resize(let rows, let columns): Self.frame(3, Self.big(rows) + Self.big(columns))
        case .exit(let code): Self.frame(4, Self.big(code))
        case .stdinEnd: Self.frame(5, [])
        case .failure(let bytes): Self.frame(6, bytes)
        case .start(let bytes): Self.frame(7, bytes)
        }
    }

    private static func frame(_ channel: UInt8, _ content: [UInt8]) -> [UInt8] { [channel] + big(UInt32(content.count)) + content }
    private static func big(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    init?(channel: UInt8, content: ArraySlice<UInt8>) {
        let bytes = Array(content)
        func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
        switch channel {
        case 0: self = .stdin(bytes)
        case 1: self = .stdout(bytes)
        case 2: self = .stderr(bytes)
        case 3 where bytes.count == 4: self = .resize(rows: UInt16(number(0..<2)), columns: UInt16(number(2..<4)))
        case 4 where bytes.count == 4: self = .exit(Int32(bitPattern: number(0..<4)))
        case 5 where bytes.isEmpty: self = .stdinEnd
        case 6: self = .failure(bytes)
        case 7: self = .start(bytes)
        default: return nil
        }
    }
}

/// Puts frames together from bytes as they come.
public struct ExecFrameReader: Sendable {
    private var rest: [UInt8] = []
    public init() {}

    public struct Malformed: Error, CustomStringConvertible {
        public var description: String { "the other side does not speak exec" }
    }

    /// - Throws: `Malformed` for an unknown channel or a frame that is too long; the stream is of no use then.
    public mutating func add(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [ExecFrame] {
        rest += bytes
        var frames: [ExecFrame] = []
        var at = 0
        while rest.count - at >= 5 {
            let length = rest[(at + 1)..<(at + 5)].reduce(0) { $0 << 8 | Int($1) }
            guard length <= ExecFrame.most, rest[at] <= 7 else { throw Malformed() }
            guard rest.count - at >= 5 + length else { break }
            guard let frame = ExecFrame(channel: rest[at], content: rest[(at + 5)..<(at + 5 + length)]) else { throw Malformed() }
            frames.append(frame)
            at += 5 + length
        }
        if at > 0 { rest.removeFirst(at) }
        return frames
    }
}
