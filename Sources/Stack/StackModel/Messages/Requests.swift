/// What `up`, `create` and `plan` ask for.
public struct UpRequest: Codable, Sendable, Hashable {
    public var stack: Stack
    /// Named services; empty: all of the active profiles (those in `stack.services`).
    public var services: [String] = []
    public var noDeps: Bool = false
    public var forceRecreate: Bool = false
    public var noRecreate: Bool = false
    /// `create`, `up --no-start`.
    public var noStart: Bool = false
    public var removeOrphans: Bool = false
    public var renewAnonymousVolumes: Bool = false
    /// End the stream only when all are running or healthy; otherwise as soon as all are started.
    public var wait: Bool = false
    public var waitTimeout: Milliseconds?
    /// Seconds given to containers that are replaced.
    public var stopTimeout: Milliseconds?
    /// The user agreed to steps that lose data.
    public var confirmed: Bool = false
    /// For registries of images that are not on this machine, by domain.
    public var logins: [String: RegistryLogin] = [:]

    public init(stack: Stack) { self.stack = stack }
}

public struct DownRequest: Codable, Sendable, Hashable {
    public var stack: String
    public var removeVolumes: Bool = false
    public var removeOrphans: Bool = false
    /// `all` or `local`; `nil`: images stay.
    public var removeImages: String?
    public var stopTimeout: Milliseconds?
    /// Named services only: these are stopped and removed, networks stay.
    public var services: [String] = []

    public init(stack: String) { self.stack = stack }
}

/// `start`, `stop`, `restart`, `kill`, `rm`, `pause`, `unpause`, `scale`.
public struct ServicesRequest: Codable, Sendable, Hashable {
    public enum Verb: String, Codable, Sendable, Hashable { case start, stop, restart, kill, remove, pause, unpause, scale }
    public var stack: String
    public var verb: Verb
    /// Empty: all.
    public var services: [String] = []
    public var signal: String?
    public var stopTimeout: Milliseconds?
    public var noDeps: Bool = false
    public var removeVolumes: Bool = false
    /// `rm -s`: stop first.
    public var stopFirst: Bool = false
    /// `scale`: service → replicas.
    public var scale: [String: Int] = [:]

    public init(stack: String, verb: Verb) {
        self.stack = stack
        self.verb = verb
    }
}

public struct LogsRequest: Codable, Sendable, Hashable {
    public var stack: String
    public var services: [String] = []
    public var follow: Bool = false
    /// Lines from the end of each container's log; `nil`: all.
    public var tail: Int?
    public var since: Timestamp?
    public var until: Timestamp?
    /// One replica only.
    public var index: Int?
    public init(stack: String) { self.stack = stack }
}

public struct ExecStart: Codable, Sendable, Hashable {
    public var stack: String
    public var service: String
    public var index: Int = 1
    public var command: [String]
    public var environment: [String] = []
    public var user: String?
    public var workingDir: String?
    public var privileged: Bool = false
    public var tty: Bool = false
    public var interactive: Bool = false
    public var detach: Bool = false
    public var rows: Int?
    public var columns: Int?
    public init(stack: String, service: String, command: [String]) {
        self.stack = stack
        self.service = service
        self.command = command
    }
}
