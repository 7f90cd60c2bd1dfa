/// A single value as it was written, and what YAML's core schema takes it for.
public struct Scalar: Sendable, Hashable {
    public enum Style: Sendable, Hashable {
        case plain
        /// In quotes or as a block: always text.
        case quoted
    }
    public enum Resolved: Sendable, Hashable {
        case null
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
    }

    public var text: String
    public var style: Style
    public var resolved: Resolved

    /// - Parameter tag: an explicit tag without its prefix (`str`, `int`…), which goes before the style.
    public init(text: String, style: Style, tag: String? = nil) {
        self.text = text
        self.style = style
        switch tag {
        case "str": resolved = .string(text)
        case "null": resolved = .null
        case .some: resolved = Self.resolve(text)
        case nil: resolved = style == .quoted ? .string(text) : Self.resolve(text)
        }
    }

    /// YAML 1.2's core schema, with the numbers that Go's YAML also takes (`0o17`, `017`, `0b1`, `1_000`): compose files are
    /// read by that reader everywhere else. `yes`, `no`, `on` and `off` are text.
    static func resolve(_ text: String) -> Resolved {
        guard let first = text.utf8.first else { return .null }
        switch text {
        case "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        default: break
        }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            if let int = integer(text) { return .int(int) }
            if isFloat(text), let double = Double(text) { return .double(double) }
            return .string(text)
        default: return .string(text)
        }
    }

    private static func integer(_ text: String) -> Int? {
        var digits = Substring(text)
        var negative = false
        if digits.hasPrefix("+") || digits.hasPrefix("-") {
            negative = digits.hasPrefix("-")
            digits = digits.dropFirst()
        }
        guard let lead = digits.utf8.first, lead != UInt8(ascii: "_"), digits.utf8.last != UInt8(ascii: "_") else { return nil }
        guard lead >= UInt8(ascii: "0"), lead <= UInt8(ascii: "9") else { return nil }
        var radix = 10
        if digits.utf8.count > 1, lead == UInt8(ascii: "0") {
            switch digits.dropFirst().first {
            case "x": radix = 16
            case "b": radix = 2
            case "o": radix = 8
            default: radix = 0
            }
            if radix == 0 {
                radix = 8
                digits = digits.dropFirst()
            } else {
                digits = digits.dropFirst(2)
            }
        }
        let plain = digits.utf8.contains(UInt8(ascii: "_")) ? digits.filter { $0 != "_" } : String(digits)
        guard let sign = plain.utf8.first, sign != UInt8(ascii: "+"), sign != UInt8(ascii: "-") else { return nil }
        return Int((negative ? "-" : "") + plain, radix: radix)
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Substring(text).utf8
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit).count
        rest = rest.dropFirst(whole)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(fraction)
        }
        guard whole + fraction > 0 else { return false }
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
            let exponent = rest.prefix(while: isDigit).count
            guard exponent > 0 else { return false }
            rest = rest.dropFirst(exponent)
        }
        return rest.isEmpty
    }
}
