import Linux
import Nftables

/// What could not be done to which network, why, and one act that helps.
public struct NetworkError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable { case notFound, exists, inUse, invalid, exhausted, system }
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

    public var description: String { what + (cause.map { ": \($0)" } ?? "") + (hint.map { " (\($0))" } ?? "") }
}

@discardableResult
func doing<Value: ~Copyable>(_ what: String, _ body: () throws(SyscallError) -> Value) throws(NetworkError) -> Value {
    do throws(SyscallError) { return try body() } catch { throw NetworkError(.system, what, cause: error.description) }
}

@discardableResult
func ruling<Value>(_ what: String, _ body: () throws(RulesetError) -> Value) throws(NetworkError) -> Value {
    do throws(RulesetError) { return try body() } catch { throw NetworkError(.system, what, cause: error.description) }
}
