/// One line of a verb's progress, as the daemon sends it (NDJSON) and the terminal shows it.
public struct Progress: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, Hashable { case stack, network, volume, container, image, service }
    public enum Phase: String, Codable, Sendable, Hashable {
        case working
        case done
        case warning
        case failed
    }
    /// What it is about: kind and name as a person knows it ("web-db-1", "web_default").
    public var kind: Kind
    public var name: String
    public var phase: Phase
    /// Compose's words: `Creating`, `Created`, `Starting`, `Started`, `Waiting`, `Healthy`, `Recreate`, `Recreated`, `Stopping`, `Stopped`,
    /// `Removing`, `Removed`, `Running`, `Exited`, `Error`…
    public var status: String
    /// Why, or the whole error with its hint.
    public var detail: String?
    public var at: Timestamp

    public init(kind: Kind, name: String, phase: Phase, status: String, detail: String? = nil, at: Timestamp) {
        self.kind = kind
        self.name = name
        self.phase = phase
        self.status = status
        self.detail = detail
        self.at = at
    }
}

/// The stream of a verb: progress lines, then exactly one `result`.
public enum StreamItem: Codable, Sendable, Hashable {
    case progress(Progress)
    case result(VerbResult)
}

public struct VerbResult: Codable, Sendable, Hashable {
    public var ok: Bool
    /// When not `ok`: what failed, each with its cause and hint.
    public var errors: [Failure]
    /// Notes for the person ("network web_default: docker drops forwarded traffic…").
    public var notes: [String]
    public init(ok: Bool, errors: [Failure] = [], notes: [String] = []) {
        self.ok = ok
        self.errors = errors
        self.notes = notes
    }
}

/// An error as it travels: what was being done to whom, why it failed, and one act that helps.
public struct Failure: Codable, Sendable, Hashable, Error, CustomStringConvertible {
    public enum Code: String, Codable, Sendable, Hashable {
        case invalid, notFound, conflict, busy, portInUse, imageMissing, unhealthy, exited, timeout, denied, unsupported, launch, runtime, `internal`
    }
    public var code: Code
    public var what: String
    public var cause: String?
    public var hint: String?
    public init(code: Code, what: String, cause: String? = nil, hint: String? = nil) {
        self.code = code
        self.what = what
        self.cause = cause
        self.hint = hint
    }
    public var description: String {
        var text = what
        if let cause { text += ": \(cause)" }
        if let hint { text += " (\(hint))" }
        return text
    }
}
