/// One look at the world, as far as one stack is concerned.
public struct Observed: Codable, Sendable, Hashable {
    public var containers: [ObservedContainer]
    /// Key: full network name.
    public var networks: [String: ObservedNetwork]
    /// Full names of the volumes that exist.
    public var volumes: Set<String>
    /// Image reference → image id; a reference that is missing here is not on this machine.
    public var images: [String: String]

    public init(
        containers: [ObservedContainer] = [], networks: [String: ObservedNetwork] = [:], volumes: Set<String> = [],
        images: [String: String] = [:]
    ) {
        self.containers = containers
        self.networks = networks
        self.volumes = volumes
        self.images = images
    }
}

public struct ObservedNetwork: Codable, Sendable, Hashable {
    public var name: String
    /// As it was asked for when it was made.
    public var spec: Network?
    /// What differs from the record, as sentences ("bridge gb1a2 is missing"); empty: nothing.
    public var drift: [String]
    /// Containers of other stacks use it.
    public var usedElsewhere: Bool
    public init(name: String, spec: Network? = nil, drift: [String] = [], usedElsewhere: Bool = false) {
        self.name = name
        self.spec = spec
        self.drift = drift
        self.usedElsewhere = usedElsewhere
    }
}

public struct ObservedContainer: Codable, Sendable, Hashable {
    public enum State: Codable, Sendable, Hashable {
        /// Made, never started.
        case created
        case running(since: Timestamp)
        case paused(since: Timestamp)
        case exited(Exit)
        /// A `remove` was begun and not finished, or its files are damaged: nothing but removal is possible.
        case broken(String)
    }
    public struct Exit: Codable, Sendable, Hashable {
        public var code: Int
        public var signal: Int?
        public var oomKilled: Bool
        public var at: Timestamp
        public init(code: Int, signal: Int? = nil, oomKilled: Bool = false, at: Timestamp) {
            self.code = code
            self.signal = signal
            self.oomKilled = oomKilled
            self.at = at
        }
    }
    public enum Health: String, Codable, Sendable, Hashable {
        /// It has no health check.
        case none
        case starting
        case healthy
        case unhealthy
    }
    public var id: String
    /// `<stack>-<service>-<number>`, or the `container_name`.
    public var name: String
    public var service: String
    /// 1 is the first replica.
    public var number: Int
    /// The service as it was when the container was made: compared field by field with what is wanted now.
    public var spec: Service
    public var imageID: String
    public var createdAt: Timestamp
    public var recreateGeneration: Int
    public var restartGeneration: Int
    public var state: State
    public var health: Health
    /// The probe's last words when it failed.
    public var healthOutput: String?
    public var restarts: Restarts
    /// Somebody asked for it to be stopped (`stop`, `kill`): no restart policy wakes it.
    public var stoppedByUser: Bool
    /// What differs of its network attachment, as sentences; empty: nothing.
    public var drift: [String]

    public struct Restarts: Codable, Sendable, Hashable {
        /// Restarts by policy since the last time it ran long enough to count as a success.
        public var attempts: Int
        /// Restarts by policy in all.
        public var total: Int
        /// When it was last started.
        public var lastStart: Timestamp?
        /// Why a start failed, if the last one did: it never ran.
        public var startFailure: String?
        public var lastFailure: Timestamp?
        public init(
            attempts: Int = 0, total: Int = 0, lastStart: Timestamp? = nil, startFailure: String? = nil, lastFailure: Timestamp? = nil
        ) {
            self.attempts = attempts
            self.total = total
            self.lastStart = lastStart
            self.startFailure = startFailure
            self.lastFailure = lastFailure
        }
    }

    public init(
        id: String, name: String, service: String, number: Int, spec: Service, imageID: String, createdAt: Timestamp, state: State,
        health: Health = .none, recreateGeneration: Int = 0, restartGeneration: Int = 0, restarts: Restarts = Restarts(),
        stoppedByUser: Bool = false, drift: [String] = [], healthOutput: String? = nil
    ) {
        self.id = id
        self.name = name
        self.service = service
        self.number = number
        self.spec = spec
        self.imageID = imageID
        self.createdAt = createdAt
        self.state = state
        self.health = health
        self.recreateGeneration = recreateGeneration
        self.restartGeneration = restartGeneration
        self.restarts = restarts
        self.stoppedByUser = stoppedByUser
        self.drift = drift
        self.healthOutput = healthOutput
    }
}
