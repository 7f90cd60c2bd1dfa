import StackModel

/// Durations: numbers with the units `us ms s m h`, combined without spaces (`1h5m30s20ms`), as Go reads them; `d` and `w` too.
enum Duration {
    static func parse(_ text: String) throws(Complaint) -> Milliseconds {
        if text == "0" { return 0 }
        let complaint = Complaint("\"\(text)\" is not a duration", hint: "write numbers with units, such as \"30s\" or \"1m30s\"")
        var rest = text[...]
        if rest.hasPrefix("+") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { throw complaint }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty, let number = Double(digits) else {
                if text.hasPrefix("-") { throw Complaint("\"\(text)\" is negative; a duration cannot be") }
                throw complaint
            }
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let scale = scales[String(unit)] else {
                if unit.isEmpty { throw Complaint("\"\(text)\" has no unit", hint: "write \"\(text)s\" for seconds") }
                throw complaint
            }
            total += number * scale
        }
        guard total < 9.0e15 else { throw Complaint("\"\(text)\" is longer than any stack will live") }
        return Milliseconds(Int(total.rounded()))
    }

    private static let scales: [String: Double] = [
        "ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
        "w": 604_800_000,
    ]

    /// As Go prints it: `1m30s`, `500ms`, `0s`.
    static func text(_ span: Milliseconds) -> String {
        var rest = span.value
        guard rest != 0 else { return "0s" }
        if rest < 1000 { return "\(rest)ms" }
        let hours = rest / 3_600_000
        rest %= 3_600_000
        let minutes = rest / 60_000
        rest %= 60_000
        var text = hours > 0 ? "\(hours)h" : ""
        if hours > 0 || minutes > 0 { text += "\(minutes)m" }
        let fraction = rest % 1000
        guard fraction > 0 else { return text + "\(rest / 1000)s" }
        var digits = String(fraction + 1000).dropFirst()
        while digits.hasSuffix("0") { digits = digits.dropLast() }
        return text + "\(rest / 1000).\(digits)s"
    }
}
