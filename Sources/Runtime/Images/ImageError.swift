import Linux

/// What could not be done with which image, why, and one act that helps.
public struct ImageError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        case notFound, invalid, ambiguous, inUse
        /// The content is not what its digest or manifest says.
        case mismatch
        /// A layer tries to reach outside of itself or to be more than it says.
        case hostile
        case tooBig, unsupported, system
    }
    public var code: Code
    public var what: String
    public var hint: String?

    public init(_ code: Code, _ what: String, hint: String? = nil) {
        self.code = code
        self.what = what
        self.hint = hint
    }

    public var description: String { what + (hint.map { " (\($0))" } ?? "") }
}

/// Runs kernel calls and says of a failure what was being done.
func doing<Value: ~Copyable>(_ what: String, _ body: () throws(SyscallError) -> Value) throws(ImageError) -> Value {
    do throws(SyscallError) { return try body() } catch {
        let hint = error.name == "ENOSPC" ? "free some space on this filesystem" : nil
        throw ImageError(.system, "\(what): \(error.description)", hint: hint)
    }
}
