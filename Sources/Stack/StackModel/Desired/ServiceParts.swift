public enum NetworkMode: Codable, Sendable, Hashable {
    /// Attached to the networks it lists.
    case networks
    case host
    case none
    /// Shares the network namespace of another service's first replica.
    case service(String)
}

/// One published port. A range in a stack file is several of these.
public struct PortMapping: Codable, Sendable, Hashable {
    public enum Proto: String, Codable, Sendable, Hashable { case tcp, udp, sctp }
    /// The port inside the container.
    public var target: Int
    /// The host's port; `nil`: one the kernel chooses. With several replicas, the last of the range is in `publishedEnd`.
    public var published: Int?
    public var publishedEnd: Int?
    /// `nil`: every address, IPv4 and IPv6.
    public var hostIP: String?
    public var proto: Proto
    public var name: String?
    public var appProtocol: String?
    /// `ingress` or `host`, as the specification has it.
    public var mode: String?

    public init(
        target: Int, published: Int? = nil, publishedEnd: Int? = nil, hostIP: String? = nil, proto: Proto = .tcp, name: String? = nil,
        appProtocol: String? = nil, mode: String? = nil
    ) {
        self.target = target
        self.published = published
        self.publishedEnd = publishedEnd
        self.hostIP = hostIP
        self.proto = proto
        self.name = name
        self.appProtocol = appProtocol
        self.mode = mode
    }
}

/// Something mounted into a container.
public struct ServiceMount: Codable, Sendable, Hashable {
    public enum Source: Codable, Sendable, Hashable {
        /// An absolute path of the host. `createHostPath`: made as a folder if it is not there (the short form's way).
        case bind(path: String, createHostPath: Bool, propagation: String?)
        /// A volume of the stack, by its key; `nil`: an anonymous one.
        case volume(name: String?, noCopy: Bool, subpath: String?)
        /// Sizes in bytes; `mode` as in chmod(2).
        case tmpfs(size: Int?, mode: Int?)
    }
    public var source: Source
    /// Absolute path in the container.
    public var target: String
    public var readOnly: Bool

    public init(source: Source, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}

public struct NetworkAttachment: Codable, Sendable, Hashable {
    public var aliases: [String] = []
    public var ipv4Address: String?
    public var ipv6Address: String?
    public var macAddress: String?
    public var interfaceName: String?
    public var linkLocalIPs: [String] = []
    /// The network with the highest value gives the default route.
    public var gatewayPriority: Int = 0
    /// The order of the interfaces: highest first.
    public var priority: Int = 0

    public init(aliases: [String] = []) { self.aliases = aliases }
}

public struct Dependency: Codable, Sendable, Hashable {
    public enum Condition: String, Codable, Sendable, Hashable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completed = "service_completed_successfully"
    }
    public var condition: Condition
    /// Whether a replacement or restart of the dependency restarts this service too.
    public var restart: Bool
    /// `false`: only a warning when the dependency is missing or fails.
    public var required: Bool

    public init(condition: Condition = .started, restart: Bool = false, required: Bool = true) {
        self.condition = condition
        self.restart = restart
        self.required = required
    }
}

/// How health is probed. A service without a check, or whose check is disabled, has none.
public struct Healthcheck: Codable, Sendable, Hashable {
    public enum Test: Codable, Sendable, Hashable {
        /// The command as it is (`CMD`).
        case command([String])
        /// Through the container's shell (`CMD-SHELL`).
        case shell(String)
        /// `NONE` or `disable: true`: the image's check is not used either.
        case none
        /// Only times were given: the image's own command.
        case inherited
    }
    public var test: Test
    public var interval: Milliseconds?
    public var timeout: Milliseconds?
    public var retries: Int?
    public var startPeriod: Milliseconds?
    public var startInterval: Milliseconds?

    public init(
        test: Test, interval: Milliseconds? = nil, timeout: Milliseconds? = nil, retries: Int? = nil, startPeriod: Milliseconds? = nil,
        startInterval: Milliseconds? = nil
    ) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
        self.startInterval = startInterval
    }
}

/// `restart` and `deploy.restart_policy`, as one.
public struct RestartPolicy: Codable, Sendable, Hashable {
    public enum Condition: String, Codable, Sendable, Hashable {
        case no
        case always
        case unlessStopped = "unless-stopped"
        case onFailure = "on-failure"
    }
    public var condition: Condition
    /// `nil`: without end.
    public var maxAttempts: Int?
    /// Before each restart; `nil`: the exponential backoff of the policy.
    public var delay: Milliseconds?
    /// How long a container must run to count as a success; `nil`: the policy's.
    public var window: Milliseconds?

    public init(condition: Condition = .no, maxAttempts: Int? = nil, delay: Milliseconds? = nil, window: Milliseconds? = nil) {
        self.condition = condition
        self.maxAttempts = maxAttempts
        self.delay = delay
        self.window = window
    }
}

public struct Ulimit: Codable, Sendable, Hashable {
    /// -1: unlimited.
    public var soft: Int
    public var hard: Int
    public init(soft: Int, hard: Int) {
        self.soft = soft
        self.hard = hard
    }
}

/// Limits of one replica. Sizes in bytes; `nil`: not limited.
public struct ServiceResources: Codable, Sendable, Hashable {
    public var cpus: Double?
    public var cpuShares: Int?
    public var cpuQuota: Int?
    public var cpuPeriod: Int?
    public var cpuset: String?
    public var memory: Int?
    public var memoryReservation: Int?
    /// Memory and swap together, as `memswap_limit` counts; -1: unlimited.
    public var memorySwap: Int?
    public var memorySwappiness: Int?
    public var oomKillDisable: Bool?
    public var pids: Int?
    public init() {}
}

public struct ExtraHost: Codable, Sendable, Hashable {
    public var name: String
    /// An address, or `host-gateway`.
    public var address: String
    public init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

public struct Logging: Codable, Sendable, Hashable {
    public var driver: String?
    public var options: [String: String] = [:]
    public init(driver: String? = nil, options: [String: String] = [:]) {
        self.driver = driver
        self.options = options
    }
}

/// `deploy.update_config` and `rollback_config`.
public struct UpdateConfig: Codable, Sendable, Hashable {
    public enum Order: String, Codable, Sendable, Hashable {
        case startFirst = "start-first"
        case stopFirst = "stop-first"
    }
    public enum FailureAction: String, Codable, Sendable, Hashable { case `continue`, rollback, pause }
    /// 0: all at once.
    public var parallelism: Int = 1
    public var delay: Milliseconds = 0
    public var order: Order = .stopFirst
    public var failureAction: FailureAction = .pause
    public var monitor: Milliseconds = 5000
    public var maxFailureRatio: Double = 0
    public init() {}
}
