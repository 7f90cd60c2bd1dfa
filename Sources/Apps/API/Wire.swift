import FoundationEssentials
import StackModel

/// JSON as both ends of the socket write it.
public enum Wire {
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// One value as a line of NDJSON.
    public static func line(_ value: some Encodable) throws -> [UInt8] { try encode(value) + [10] }

    /// - Throws: a `Failure` that says where the JSON is not what it should be.
    public static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: some Sequence<UInt8>) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw Failure(
                code: .invalid, what: "the message cannot be read as \(type)", cause: sentence(error),
                hint: "gantry and gantryd may be of different versions: see `gantry version`")
        }
    }

    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context): return path(context, key.stringValue) + " is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return path(context, nil) + ": " + context.debugDescription
        @unknown default: return "\(error)"
        }
    }

    private static func path(_ context: DecodingError.Context, _ last: String?) -> String {
        (context.codingPath.map(\.stringValue) + (last.map { [$0] } ?? [])).joined(separator: ".")
    }
}

/// Cuts a stream of bytes into its lines.
public struct LineSplitter: Sendable {
    private var rest: [UInt8] = []
    public init() {}

    /// The lines that `bytes` complete, without their newlines; empty ones are left out.
    public mutating func add(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        rest += bytes
        var lines: [[UInt8]] = []
        var start = 0
        while let end = rest[start...].firstIndex(of: 10) {
            if end > start { lines.append(Array(rest[start..<end])) }
            start = end + 1
        }
        if start > 0 { rest.removeFirst(start) }
        return lines
    }

    /// What is left without a newline.
    public mutating func finish() -> [UInt8]? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }
}

extension Failure.Code {
    /// The HTTP status that goes with it.
    public var status: Int {
        switch self {
        case .invalid, .unsupported: 400
        case .denied: 403
        case .notFound, .imageMissing: 404
        case .conflict, .busy, .portInUse, .unhealthy, .exited, .launch: 409
        case .timeout: 504
        case .runtime, .internal: 500
        }
    }
}

/// Values in a URL's query.
public enum Query {
    public static func encode(_ values: KeyValuePairs<String, String?>) -> String {
        let parts = values.compactMap { name, value in value.map { "\(name)=\(escape($0))" } }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95, 126].contains(byte)
            out += isPlain ? [byte] : [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Path and values of a request's target.
    public static func parse(_ uri: String) -> (path: String, values: [String: String]) {
        let parts = uri.split(separator: "?", maxSplits: 1).map(String.init)
        var values: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { unescape(String($0)) }
            values[sides[0]] = sides.count > 1 ? sides[1] : ""
        }
        return (parts.first ?? "/", values)
    }

    private static func unescape(_ text: String) -> String {
        var out: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == 37, bytes.count >= 2, let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) {
                out.append(value)
                bytes = bytes.dropFirst(2)
            } else {
                out.append(byte == 43 ? 32 : byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
