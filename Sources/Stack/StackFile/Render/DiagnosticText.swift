import StackModel

/// Diagnostics as a person reads them.
public enum DiagnosticText {
    /// `file:line:column: error: message`, the quoted line with a caret under the place, and the hint; no newline at the end.
    public static func render(_ diagnostic: Diagnostic, colour: Bool = false) -> String {
        let paint = Paint(on: colour)
        var lines: [String] = []
        for link in diagnostic.chain { lines.append(paint.dim("from \(link.file):\(link.line):")) }
        let severity =
            diagnostic.severity == .error ? paint.red("error:") : paint.yellow("warning:")
        let place = diagnostic.mark.map { paint.bold("\($0.file):\($0.line):\($0.column): ") } ?? ""
        lines.append("\(place)\(severity) \(diagnostic.message)")
        if let mark = diagnostic.mark, let quoted = diagnostic.quoted { lines += quote(quoted, mark, paint) }
        if let hint = diagnostic.hint { lines.append("  hint: \(hint)") }
        return lines.joined(separator: "\n")
    }

    /// All of them, errors and warnings in the order of the files.
    public static func render(_ diagnostics: [Diagnostic], colour: Bool = false) -> String {
        diagnostics.map { render($0, colour: colour) }.joined(separator: "\n")
    }

    private static func quote(_ line: String, _ mark: Mark, _ paint: Paint) -> [String] {
        let number = String(mark.line)
        let margin = String(repeating: " ", count: number.count)
        let characters = Array(line.unicodeScalars)
        // A window of the line, so that a caret far to the right is still seen.
        let width = 100
        let start = mark.column > width ? mark.column - width / 2 : 0
        let shown = characters.dropFirst(start).prefix(width + width / 2)
        var pad = ""
        for scalar in characters.dropFirst(start).prefix(max(0, mark.column - 1 - start)) { pad += scalar == "\t" ? "\t" : " " }
        let text = String(String.UnicodeScalarView(shown.map { $0.properties.generalCategory == .control && $0 != "\t" ? "\u{FFFD}" : $0 }))
        return ["  \(number) | \(text)", "  \(margin) | \(pad)\(paint.red("^"))"]
    }

    private struct Paint {
        let on: Bool
        func red(_ text: String) -> String { on ? "\u{1B}[31;1m\(text)\u{1B}[0m" : text }
        func yellow(_ text: String) -> String { on ? "\u{1B}[33;1m\(text)\u{1B}[0m" : text }
        func bold(_ text: String) -> String { on ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
        func dim(_ text: String) -> String { on ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
    }
}
