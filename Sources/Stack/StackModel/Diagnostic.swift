/// A place in a file; line and column count from 1.
public struct Mark: Codable, Sendable, Hashable {
    public var file: String
    public var line: Int
    public var column: Int
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// Something to tell a person about what they wrote: where, what, and one act that helps.
public struct Diagnostic: Codable, Sendable, Hashable, Error {
    public enum Severity: String, Codable, Sendable, Hashable { case error, warning }
    public var severity: Severity
    public var mark: Mark?
    /// Lower-case, without a full stop: what is wrong and why.
    public var message: String
    /// One act that helps.
    public var hint: String?
    /// The line of the file, for quoting.
    public var quoted: String?
    /// Where it came from: files that included or were merged, outermost first.
    public var chain: [Mark]

    public init(
        _ severity: Severity, at mark: Mark? = nil, _ message: String, hint: String? = nil, quoted: String? = nil, chain: [Mark] = []
    ) {
        self.severity = severity
        self.mark = mark
        self.message = message
        self.hint = hint
        self.quoted = quoted
        self.chain = chain
    }
}
