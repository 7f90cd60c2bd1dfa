import YAML

/// The grammar of `.env` and `env_file`: `KEY=value`, `KEY: value`, quotes, `export`, comments, and a key alone for "take it
/// from the caller".
struct VariableFile {
    struct Line: Sendable, Hashable {
        var key: String
        /// `nil`: the key stands alone.
        var value: String?
        var place: Place
    }

    private let bytes: [UInt8]
    private let source: Source
    private let budget: Budget
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private let lookup: (String) -> String?
    private var values: [String: String] = [:]
    private(set) var lines: [Line] = []

    /// Reads a file; problems go to `report`, and what could be read is returned.
    /// - Parameter lookup: variables that values may use, before those of the file itself.
    static func read(
        _ bytes: [UInt8], name: String, report: Report, budget: Budget = Budget(), isRaw: Bool = false, lookup: @escaping (String) -> String?
    ) -> [Line] {
        var body = bytes
        if body.starts(with: [0xEF, 0xBB, 0xBF]) { body.removeFirst(3) }
        var file = VariableFile(bytes: body, source: Source(name: name, bytes: body), budget: budget, lookup: lookup)
        file.run(report: report, isRaw: isRaw)
        return file.lines
    }

    private init(bytes: [UInt8], source: Source, budget: Budget, lookup: @escaping (String) -> String?) {
        self.bytes = bytes
        self.source = source
        self.budget = budget
        self.lookup = lookup
    }

    private var place: Place { Place(source: source, line: line, column: position - lineStart + 1) }
    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func run(report: Report, isRaw: Bool) {
        while true {
            skipBlank()
            guard current != nil, !report.isFull else { return }
            let start = place
            do throws(Complaint) {
                if let line = try isRaw ? rawLine(at: start) : statement(at: start, report: report) {
                    lines.append(line)
                    if let value = line.value { values[line.key] = value }
                }
            } catch {
                report.error(error, at: start)
                skipLine()
            }
        }
    }

    private mutating func advance() {
        if current == UInt8(ascii: "\n") {
            line += 1
            lineStart = position + 1
        }
        position += 1
    }

    /// White space, empty lines and comment lines.
    private mutating func skipBlank() {
        while let byte = current {
            if byte == UInt8(ascii: "#") {
                skipLine()
            } else if Self.isSpace(byte) || byte == UInt8(ascii: "\n") {
                advance()
            } else {
                return
            }
        }
    }

    private mutating func skipLine() {
        while let byte = current, byte != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func skipSpaces() {
        while let byte = current, Self.isSpace(byte) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0B || byte == 0x0C }

    /// `KEY=rest of the line`, taken as it is.
    private mutating func rawLine(at start: Place) throws(Complaint) -> Line? {
        let from = position
        skipLine()
        var text = String(decoding: bytes[from..<position], as: UTF8.self)
        if text.hasSuffix("\r") { text.removeLast() }
        guard let equals = text.firstIndex(of: "=") else { return Line(key: text, value: nil, place: start) }
        let key = String(text[..<equals])
        guard !key.isEmpty else { throw Complaint("a variable without a name") }
        return Line(key: key, value: String(text[text.index(after: equals)...]), place: start)
    }

    private mutating func statement(at start: Place, report: Report) throws(Complaint) -> Line? {
        let export = Array("export".utf8)
        if bytes[position...].starts(with: export), position + 6 < bytes.count, Self.isSpace(bytes[position + 6]) {
            position += 6
            skipSpaces()
        }
        let from = position
        while let byte = current, Self.isKey(byte) { position += 1 }
        let key = String(decoding: bytes[from..<position], as: UTF8.self)
        skipSpaces()
        guard !key.isEmpty else {
            throw Complaint("a line starts with the name of a variable", hint: "write \"KEY=value\"; comments start with \"#\"")
        }
        switch current {
        case UInt8(ascii: "="), UInt8(ascii: ":"):
            position += 1
            skipSpaces()
            return Line(key: key, value: try value(at: start, report: report), place: start)
        case UInt8(ascii: "\n"), nil: return Line(key: key, value: nil, place: start)
        case UInt8(ascii: "#"):
            skipLine()
            return Line(key: key, value: nil, place: start)
        default:
            throw Complaint("the name \"\(key)\" is not followed by \"=\"", hint: "names have letters, digits, \"_\", \".\" and \"-\"")
        }
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "["), UInt8(ascii: "]"): return true
        default: return Template.isName(byte, first: false)
        }
    }

    private mutating func value(at start: Place, report: Report) throws(Complaint) -> String {
        if let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            return try quoted(quote, at: start, report: report)
        }
        let from = position
        skipLine()
        var end = position
        var index = from
        while index < end {
            // A comment needs a space before it: `color=#fff` is a value.
            if bytes[index] == UInt8(ascii: "#"), index == from || Self.isSpace(bytes[index - 1]) {
                end = index
                break
            }
            index += 1
        }
        while end > from, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return try expand(String(decoding: bytes[from..<end], as: UTF8.self), at: start, report: report)
    }

    private mutating func quoted(_ quote: UInt8, at start: Place, report: Report) throws(Complaint) -> String {
        advance()
        let from = position
        while let byte = current, byte != quote {
            if byte == UInt8(ascii: "\\"), position + 1 < bytes.count { advance() }
            advance()
        }
        guard current == quote else { throw Complaint("the quote of this value is never closed") }
        let body = Array(bytes[from..<position])
        position += 1
        skipSpaces()
        if let byte = current, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "#") {
            throw Complaint("something follows the closing quote of this value", hint: "put the whole value in quotes")
        }
        skipLine()
        if quote == UInt8(ascii: "'") {
            return String(decoding: body, as: UTF8.self).replacing("\\'", with: "'")
        }
        return try expand(unescape(body), at: start, report: report)
    }

    /// Escapes of double quotes; an escaped dollar sign becomes `$$`, which stands for itself when variables are replaced.
    private func unescape(_ body: [UInt8]) -> String {
        var output: [UInt8] = []
        var index = 0
        while index < body.count {
            let byte = body[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < body.count else {
                output.append(byte)
                continue
            }
            let next = body[index]
            index += 1
            switch next {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): output.append(next)
            case UInt8(ascii: "$"): output += [next, next]
            default: output += [byte, next]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func expand(_ text: String, at start: Place, report: Report) throws(Complaint) -> String {
        let (expanded, uses) = try Template.expand(text) { name in lookup(name) ?? values[name] }
        if !uses.isEmpty { try budget.take(text: expanded.utf8.count) }
        for use in uses where use.live && !use.isSet && use.form == .plain {
            report.warning("the variable \"\(use.name)\" is not set; it counts as empty", at: start)
        }
        return expanded
    }
}
