import StackModel

/// A value as JSON with sorted keys, indented by two spaces.
public enum JSONText {
    /// - Parameter first: keys of the outermost map that go before the others, in this order.
    public static func render(_ value: Value, first: [String] = []) -> String {
        var text = ""
        write(value, indent: 0, first: first, into: &text)
        return text
    }

    private static func write(_ value: Value, indent: Int, first: [String], into text: inout String) {
        let margin = String(repeating: "  ", count: indent + 1)
        let closing = String(repeating: "  ", count: indent)
        switch value {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .int(let int): text += String(int)
        case .double(let double): text += double.isFinite ? plainNumber(double) : "null"
        case .string(let string): text += quoted(string)
        case .list(let items):
            if items.isEmpty {
                text += "[]"
                return
            }
            for (index, item) in items.enumerated() {
                text += (index == 0 ? "[\n" : ",\n") + margin
                write(item, indent: indent + 1, first: [], into: &text)
            }
            text += "\n\(closing)]"
        case .map(let map):
            if map.isEmpty {
                text += "{}"
                return
            }
            for (index, key) in orderedKeys(map, first: first).enumerated() {
                text += (index == 0 ? "{\n" : ",\n") + margin + quoted(key) + ": "
                write(map[key] ?? .null, indent: indent + 1, first: [], into: &text)
            }
            text += "\n\(closing)}"
        }
    }

    static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || [0xFEFF, 0x2028, 0x2029].contains(scalar.value) {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        return text + "\""
    }
}

/// The keys in print order: those named first, then the others sorted, `x-…` last.
func orderedKeys(_ map: [String: Value], first: [String]) -> [String] {
    let known = first.filter { map[$0] != nil }
    let rest = map.keys.filter { !first.contains($0) }.sorted()
    return known + rest.filter { !$0.hasPrefix("x-") } + rest.filter { $0.hasPrefix("x-") }
}

/// A number the way Go prints it: without an exponent up to 21 digits, without a needless fraction.
func plainNumber(_ double: Double) -> String {
    if let int = Int(exactly: double) { return String(int) }
    if double.isNaN { return "NaN" }
    if double.isInfinite { return double < 0 ? "-Inf" : "+Inf" }
    return "\(double)"
}
