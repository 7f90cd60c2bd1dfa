import Linux

/// What could not be done to which container, why, and one act that helps.
public struct RuntimeError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable { case notFound, exists, notRunning, running, invalid, launch, damaged, system }
    public var code: Code
    public var what: String
    public var cause: String?
    public var hint: String?

    public init(_ code: Code, _ what: String, cause: String? = nil, hint: String? = nil) {
        self.code = code
        self.what = what
        self.cause = cause
        self.hint = hint
    }

    public var description: String {
        what + (cause.map { ": \($0)" } ?? "") + (hint.map { " (\($0))" } ?? "")
    }
}

/// Runs kernel calls and says of a failure what was being done.
func doing<Value: ~Copyable>(_ what: String, _ body: () throws(SyscallError) -> Value) throws(RuntimeError) -> Value {
    do throws(SyscallError) { return try body() } catch { throw RuntimeError(.system, what, cause: error.description) }
}
