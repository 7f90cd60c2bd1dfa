import StackModel
import YAML

/// A value as YAML in block style with sorted keys; what it prints reads back as the same value.
public enum YAMLText {
    /// - Parameter first: keys of the outermost map that go before the others, in this order. Ends with a newline.
    public static func render(_ value: Value, first: [String] = []) -> String {
        var text = ""
        switch value {
        case .map(let map) where !map.isEmpty: writeMap(map, indent: 0, first: first, startsInLine: false, into: &text)
        case .list(let items) where !items.isEmpty: writeList(items, indent: 0, into: &text)
        default: text = scalar(value) + "\n"
        }
        return text
    }

    private static func writeMap(_ map: [String: Value], indent: Int, first: [String], startsInLine: Bool, into text: inout String) {
        let margin = String(repeating: " ", count: indent)
        for (index, key) in orderedKeys(map, first: first).enumerated() {
            if index > 0 || !startsInLine { text += margin }
            text += string(key) + ":"
            switch map[key] ?? .null {
            case .map(let inner) where !inner.isEmpty:
                text += "\n"
                writeMap(inner, indent: indent + 2, first: [], startsInLine: false, into: &text)
            case .list(let items) where !items.isEmpty:
                text += "\n"
                writeList(items, indent: indent + 2, into: &text)
            case .string(let long) where isBlock(long): text += " " + block(long, indent: indent + 2)
            case let other: text += " " + scalar(other) + "\n"
            }
        }
    }

    private static func writeList(_ items: [Value], indent: Int, into text: inout String) {
        let margin = String(repeating: " ", count: indent)
        for item in items {
            text += margin + "-"
            switch item {
            case .map(let inner) where !inner.isEmpty:
                text += " "
                writeMap(inner, indent: indent + 2, first: [], startsInLine: true, into: &text)
            case .list(let inner) where !inner.isEmpty:
                text += "\n"
                writeList(inner, indent: indent + 2, into: &text)
            case .string(let long) where isBlock(long): text += " " + block(long, indent: indent + 2)
            default: text += " " + scalar(item) + "\n"
            }
        }
    }

    private static func scalar(_ value: Value) -> String {
        switch value {
        case .null: return "null"
        case .bool(let bool): return bool ? "true" : "false"
        case .int(let int): return String(int)
        case .double(let double):
            if double.isNaN { return ".nan" }
            if double.isInfinite { return double < 0 ? "-.inf" : ".inf" }
            return plainNumber(double)
        case .string(let text): return string(text)
        case .list: return "[]"
        case .map: return "{}"
        }
    }

    /// Texts of several lines that a literal block can hold as they are.
    private static func isBlock(_ text: String) -> Bool {
        guard text.contains("\n"), let first = text.first, first != " ", first != "\n", first != "\t" else { return false }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || isPrintable($0) }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0x7F && !(0x80...0x9F).contains(scalar.value) && scalar.value != 0xFEFF
            && scalar.value != 0x2028 && scalar.value != 0x2029
    }

    private static func block(_ text: String, indent: Int) -> String {
        var body = text[...]
        var chomp = "-"
        if body.hasSuffix("\n") {
            body = body.dropLast()
            chomp = body.hasSuffix("\n") ? "+" : ""
        }
        let margin = String(repeating: " ", count: indent)
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        return "|\(chomp)\n" + lines.map { $0.isEmpty ? "\n" : "\(margin)\($0)\n" }.joined()
    }

    /// Plain where YAML reads the same text back, else in quotes.
    static func string(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return "\"\"" }
        guard text.unicodeScalars.allSatisfy(isPrintable) else { return JSONText.quoted(text) }
        let risky = ",[]{}#&*!|>'\"%@` "
        let second = text.unicodeScalars.dropFirst().first
        let isIndicator = "-?:".unicodeScalars.contains(first) && (second == nil || second == " ")
        let readsAsOther: Bool
        if case .string = Scalar(text: text, style: .plain).resolved { readsAsOther = false } else { readsAsOther = true }
        // YAML 1.1 readers take these for booleans, and `1:30` for a number.
        let legacy = ["y", "n", "yes", "no", "on", "off"].contains(text.lowercased())
        let sexagesimal = text.contains(":") && text.unicodeScalars.allSatisfy { (0x30...0x3A).contains($0.value) }
        let needsQuotes =
            readsAsOther || isIndicator
            || ["<<", "="].contains(text) || text.hasPrefix("---") || text.hasPrefix("...") || legacy || sexagesimal || risky.unicodeScalars.contains(first) || last == " " || last == ":"
            || text.contains(": ") || text.contains(" #")
        guard needsQuotes else { return text }
        return text.contains("'") || text.contains("\\") ? JSONText.quoted(text) : "\"\(text.replacing("\"", with: "\\\""))\""
    }
}
