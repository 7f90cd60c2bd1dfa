import StackModel

/// What to do to a stack, in which order and why: a value, printed as stable text, carried out by the executor.
public struct Plan: Codable, Sendable, Hashable {
    public var steps: [Step]
    public var notes: [Note]
    /// When to look again although nothing happens: a restart's backoff, a monitor time.
    public var wakeAt: Timestamp?

    public init(steps: [Step] = [], notes: [Note] = [], wakeAt: Timestamp? = nil) {
        self.steps = steps
        self.notes = notes
        self.wakeAt = wakeAt
    }
    public var isEmpty: Bool { steps.isEmpty }
}

/// Stable within a plan, made from what the step does and to whom: `create web-db-1`.
public struct StepID: Codable, Sendable, Hashable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    public var text: String
    public init(_ text: String) { self.text = text }
    public init(stringLiteral value: String) { text = value }
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
    public var description: String { text }
    public static func < (left: StepID, right: StepID) -> Bool { left.text < right.text }
}

public struct Step: Codable, Sendable, Hashable {
    public let id: StepID
    public let action: Action
    public let because: Reason
    /// Steps that must have succeeded before.
    public let after: [StepID]
    public let risk: Risk

    public init(id: StepID, action: Action, because: Reason, after: [StepID] = [], risk: Risk = .none) {
        self.id = id
        self.action = action
        self.because = because
        self.after = after
        self.risk = risk
    }
}

/// One call of the runtime.
public enum Action: Codable, Sendable, Hashable {
    /// Full names; the specification is in the desired stack by `key`.
    case createNetwork(name: String, key: String)
    case repairNetwork(name: String)
    case removeNetwork(name: String)
    case createVolume(name: String, key: String)
    case removeVolume(name: String)
    /// Makes the container's record, root and network; does not start it.
    case createContainer(service: String, number: Int, name: String)
    /// By name when this plan makes it (`id` is nil), by id otherwise.
    case startContainer(id: String?, name: String, service: String)
    /// Signal, wait for `grace`, then SIGKILL.
    case stopContainer(id: String, name: String, grace: Milliseconds)
    case killContainer(id: String, name: String)
    case removeContainer(id: String, name: String, anonymousVolumes: Bool)
    /// Puts links, addresses, routes, ports and names of a container back.
    case repairContainer(id: String, name: String)
    /// Waits until the service's dependency condition holds for this container.
    case waitHealthy(id: String?, name: String, service: String)
    case waitCompleted(id: String?, name: String, service: String)
    /// Records facts on a container without touching it (a field that needs no replacement, a generation).
    case updateRecord(id: String, name: String, service: String)
}

/// Why a step is there. Prints as a person would say it.
public enum Reason: Codable, Sendable, Hashable {
    case missing
    /// Named fields changed.
    case changed([FieldChange])
    case imageChanged(old: String, new: String)
    case forced
    case restartRequested
    /// It exited and its restart policy says again; attempt counts from 1.
    case exited(code: Int, signal: Int?, oomKilled: Bool, attempt: Int)
    case startFailed(String, attempt: Int)
    case unhealthy(String?)
    /// A restart that a dependency's restart asks for.
    case dependencyRestarted(String)
    /// A replacement's own steps, and other steps that exist for another's sake.
    case replaces(String)
    case needed(by: String)
    case scaledDown(to: Int)
    case orphan
    case notWanted
    case stopRequested
    case drift([String])
    case broken(String)
}

public enum Risk: String, Codable, Sendable, Hashable, Comparable {
    case none
    /// A running service is interrupted.
    case interrupts
    /// Data that only this thing holds is gone: the executor refuses it unless it was confirmed.
    case losesData

    public static func < (left: Risk, right: Risk) -> Bool { left.rank < right.rank }
    private var rank: Int {
        switch self {
        case .none: 0
        case .interrupts: 1
        case .losesData: 2
        }
    }
}

/// Something the plan cannot or will not do, and a person should know.
public struct Note: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, Hashable {
        /// Blocks the service; `up` fails with it.
        case error
        case warning
        /// It will happen later by itself (backoff).
        case waiting
    }
    public var kind: Kind
    public var subject: String
    public var text: String
    public var hint: String?
    public init(kind: Kind, subject: String, text: String, hint: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.text = text
        self.hint = hint
    }
}

/// What the planner may assume of the host and its owner.
public struct Policy: Codable, Sendable, Hashable {
    /// First wait before a restart by policy; doubled each attempt.
    public var backoffBase: Milliseconds = 100
    public var backoffCap: Milliseconds = 60_000
    /// Ran this long: the attempts count from 0 again.
    public var stableAfter: Milliseconds = 10_000
    /// Unhealthy containers are restarted.
    public var restartUnhealthy: Bool = true
    public init() {}
}
