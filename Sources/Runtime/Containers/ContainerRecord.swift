import RuntimeSpec

/// Everything that a start of the container needs; written once by `create`.
public struct ContainerRecord: Codable, Sendable, Hashable {
    public var id: String
    public var spec: RuntimeSpec
    public var rootfs: Rootfs
    /// The path of a pinned network namespace; nil: the host's.
    public var networkNamespace: String?
    public var log: LogLimits
    public var stopSignal: Int32
    /// A small first process of ours reaps and passes signals on.
    public var initProcess: Bool

    public init(
        id: String, spec: RuntimeSpec, rootfs: Rootfs, networkNamespace: String? = nil, log: LogLimits = LogLimits(), stopSignal: Int32 = 15,
        initProcess: Bool = false
    ) {
        self.id = id
        self.spec = spec
        self.rootfs = rootfs
        self.networkNamespace = networkNamespace
        self.log = log
        self.stopSignal = stopSignal
        self.initProcess = initProcess
    }
}

public enum Rootfs: Codable, Sendable, Hashable {
    /// Absolute folders of layers, top first; the writable layer is the container's own.
    case overlay(lower: [String])
    /// A folder as it is.
    case folder(String)
}

/// How much of a container's output is kept.
public struct LogLimits: Codable, Sendable, Hashable {
    public var maxBytes: UInt64
    public var maxFiles: UInt32
    public init(maxBytes: UInt64 = 10 << 20, maxFiles: UInt32 = 3) {
        self.maxBytes = maxBytes
        self.maxFiles = maxFiles
    }
}

public struct ExitStatus: Codable, Sendable, Hashable {
    /// The process's own code, or 128 plus the signal.
    public var code: Int32
    public var signal: Int32?
    public var oomKilled: Bool
    /// Nanoseconds since 1970.
    public var at: Int64
    public init(code: Int32, signal: Int32? = nil, oomKilled: Bool = false, at: Int64) {
        self.code = code
        self.signal = signal
        self.oomKilled = oomKilled
        self.at = at
    }
}

public struct ContainerStatus: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case created
        case running(pid: Int32, since: Int64)
        case paused(pid: Int32, since: Int64)
        case exited(ExitStatus)
        /// Its record cannot be read: why.
        case damaged(String)
    }
    public var id: String
    public var state: State
    public init(id: String, state: State) {
        self.id = id
        self.state = state
    }
}

/// A process to run inside a running container.
public struct ExecRequest: Sendable, Hashable {
    public var arguments: [String]
    public var environment: [String]
    public var cwd: String
    public var user: ProcessSpec.UserSpec
    public var privileged: Bool
    /// Rows and columns of a terminal; nil: pipes.
    public var terminal: (rows: Int, columns: Int)?

    public init(
        arguments: [String], environment: [String], cwd: String = "/", user: ProcessSpec.UserSpec = .init(), privileged: Bool = false,
        terminal: (rows: Int, columns: Int)? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.cwd = cwd
        self.user = user
        self.privileged = privileged
        self.terminal = terminal
    }

    public static func == (left: ExecRequest, right: ExecRequest) -> Bool {
        left.arguments == right.arguments && left.environment == right.environment && left.cwd == right.cwd && left.user == right.user
            && left.privileged == right.privileged && left.terminal?.rows == right.terminal?.rows
            && left.terminal?.columns == right.terminal?.columns
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(arguments) }
}
