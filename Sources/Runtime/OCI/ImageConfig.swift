/// The configuration of an image: image-spec, config.md, with the fields that Docker adds to `config`.
public struct ImageDocument: Codable, Sendable, Hashable {
    public var architecture: String?
    public var os: String?
    public var created: String?
    public var config: ImageConfig?
    public var rootfs: RootFS

    public struct RootFS: Codable, Sendable, Hashable {
        public var type: String
        /// Digests of the uncompressed layers, lowest first.
        public var diff_ids: [Digest]
        public init(diffIDs: [Digest]) {
            type = "layers"
            diff_ids = diffIDs
        }
    }

    public init(config: ImageConfig?, diffIDs: [Digest], platform: Platform = .current, created: String? = nil) {
        self.config = config
        architecture = platform.architecture
        os = platform.os
        self.created = created
        rootfs = RootFS(diffIDs: diffIDs)
    }
}

/// How containers of the image run when nothing else is said.
public struct ImageConfig: Codable, Sendable, Hashable {
    public var user: String?
    public var exposedPorts: [String: Empty]?
    public var env: [String]?
    public var entrypoint: [String]?
    public var cmd: [String]?
    public var volumes: [String: Empty]?
    public var workingDir: String?
    public var labels: [String: String]?
    public var stopSignal: String?
    public var healthcheck: ImageHealthcheck?

    public struct Empty: Codable, Sendable, Hashable {
        public init() {}
    }

    enum CodingKeys: String, CodingKey {
        case user = "User"
        case exposedPorts = "ExposedPorts"
        case env = "Env"
        case entrypoint = "Entrypoint"
        case cmd = "Cmd"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case healthcheck = "Healthcheck"
    }

    public init() {}
}

/// Docker's `Healthcheck`; times in nanoseconds, 0 or absent: the default.
public struct ImageHealthcheck: Codable, Sendable, Hashable {
    /// Empty: inherited; `NONE`; `CMD` and arguments; `CMD-SHELL` and a line.
    public var test: [String]?
    public var interval: Int64?
    public var timeout: Int64?
    public var startPeriod: Int64?
    public var startInterval: Int64?
    public var retries: Int?

    enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }

    public init(test: [String]?) { self.test = test }
}
