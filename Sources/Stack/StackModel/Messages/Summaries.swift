/// A row of `ps`.
public struct ContainerSummary: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var stack: String
    public var service: String
    public var number: Int
    public var image: String
    public var imageID: String
    public var command: [String]
    /// `created`, `running`, `paused`, `restarting`, `exited`, `dead`.
    public var state: String
    public var health: ObservedContainer.Health
    public var healthOutput: String?
    public var exitCode: Int?
    public var oomKilled: Bool
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var restarts: Int
    public var pid: Int?
    public var publishers: [Publisher]
    public var exposed: [String]
    public var networks: [String: String]
    public var mounts: [String]
    public var labels: [String: String]
    /// When the next restart by policy is due.
    public var restartAt: Timestamp?

    public struct Publisher: Codable, Sendable, Hashable {
        public var url: String
        public var targetPort: Int
        public var publishedPort: Int
        public var proto: String
        public init(url: String, targetPort: Int, publishedPort: Int, proto: String) {
            self.url = url
            self.targetPort = targetPort
            self.publishedPort = publishedPort
            self.proto = proto
        }
    }

    public init(
        id: String, name: String, stack: String, service: String, number: Int, image: String, imageID: String, command: [String],
        state: String, health: ObservedContainer.Health, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.stack = stack
        self.service = service
        self.number = number
        self.image = image
        self.imageID = imageID
        self.command = command
        self.state = state
        self.health = health
        self.createdAt = createdAt
        oomKilled = false
        restarts = 0
        publishers = []
        exposed = []
        networks = [:]
        mounts = []
        labels = [:]
    }
}

/// A row of `ls`.
public struct StackSummary: Codable, Sendable, Hashable {
    public var name: String
    /// Compose's form: `running(3)`, `exited(1), running(2)`.
    public var status: String
    public var files: [String]
    public init(name: String, status: String, files: [String]) {
        self.name = name
        self.status = status
        self.files = files
    }
}

/// A row of `image ls`.
public struct ImageSummary: Codable, Sendable, Hashable {
    public var id: String
    public var names: [String]
    public var size: Int
    public var createdAt: Timestamp?
    /// Ids of containers that use it.
    public var usedBy: [String]
    public init(id: String, names: [String], size: Int, createdAt: Timestamp?, usedBy: [String] = []) {
        self.id = id
        self.names = names
        self.size = size
        self.createdAt = createdAt
        self.usedBy = usedBy
    }
}

public struct LogLine: Codable, Sendable, Hashable {
    public var container: String
    public var service: String
    public var at: Timestamp
    /// RFC 3339 with nanoseconds, as `logs -t` prints it.
    public var time: String
    /// `stdout` or `stderr`.
    public var stream: String
    public var text: String
    public init(container: String, service: String, at: Timestamp, time: String, stream: String, text: String) {
        self.container = container
        self.service = service
        self.at = at
        self.time = time
        self.stream = stream
        self.text = text
    }
}

/// Something that happened, for `events`.
public struct StackEvent: Codable, Sendable, Hashable {
    public var at: Timestamp
    public var stack: String
    /// `container`, `network`, `volume`, `image`, `stack`.
    public var type: String
    /// Docker's words: `create`, `start`, `die`, `stop`, `kill`, `destroy`, `health_status: healthy`, `oom`, `repair`…
    public var action: String
    /// Container id or the name of the thing.
    public var id: String
    public var service: String?
    public var attributes: [String: String]
    public init(
        at: Timestamp, stack: String, type: String, action: String, id: String, service: String? = nil, attributes: [String: String] = [:]
    ) {
        self.at = at
        self.stack = stack
        self.type = type
        self.action = action
        self.id = id
        self.service = service
        self.attributes = attributes
    }
}

public struct SystemInfo: Codable, Sendable, Hashable {
    public var version: String
    public var pid: Int
    public var root: String
    public var run: String
    public var engine: String
    public var stacks: Int
    public var containers: Int
    public var running: Int
    public var images: Int
    public var kernel: String
    /// `v1`, `v2` or `hybrid`.
    public var cgroups: String
    public var notes: [String]
    public init(
        version: String, pid: Int, root: String, run: String, engine: String, stacks: Int, containers: Int, running: Int, images: Int,
        kernel: String, cgroups: String, notes: [String]
    ) {
        self.version = version
        self.pid = pid
        self.root = root
        self.run = run
        self.engine = engine
        self.stacks = stacks
        self.containers = containers
        self.running = running
        self.images = images
        self.kernel = kernel
        self.cgroups = cgroups
        self.notes = notes
    }
}
