/// What a registry did not give, why, and one act that helps.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        case notFound, denied, unreachable, limited, mismatch, invalid, cancelled, unsupported
    }
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

/// A name and a secret for one registry. Never printed: its description hides both.
public struct Credentials: Codable, Sendable, Hashable, CustomStringConvertible {
    public var user: String
    public var secret: String
    public init(user: String, secret: String) {
        self.user = user
        self.secret = secret
    }
    public var description: String { "credentials" }
}
