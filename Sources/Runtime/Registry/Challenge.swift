/// What a registry asks for: `WWW-Authenticate` (RFC 9110, section 11.6.1; the distribution project's token specification).
struct Challenge: Sendable, Hashable {
    enum Scheme: Sendable, Hashable { case basic, bearer }
    var scheme: Scheme
    var values: [String: String]

    /// `Bearer realm="https://auth.example/token",service="x",scope="repository:a/b:pull"`.
    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        switch parts.first?.lowercased() {
        case "basic"?: scheme = .basic
        case "bearer"?: scheme = .bearer
        default: return nil
        }
        values = Self.parse(parts.count > 1 ? String(parts[1]) : "")
    }

    private static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        var (name, value) = ("", "")
        var (isValue, isQuoted) = (false, false)
        for character in text + "," {
            switch character {
            case "\"": isQuoted.toggle()
            case "=" where !isValue: isValue = true
            case "," where !isQuoted:
                values[name.trimmed.lowercased()] = value
                (name, value, isValue) = ("", "", false)
            default: if isValue { value.append(character) } else { name.append(character) }
            }
        }
        return values
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

/// Base64 (RFC 4648) for basic authentication.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var number = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            number <<= UInt32(8 * (3 - group.count))
            for index in 0..<4 { out.append(index <= group.count ? letters[Int(number >> UInt32(18 - 6 * index) & 63)] : 61) }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
