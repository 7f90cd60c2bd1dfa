/// A container's configuration as the OCI runtime specification 1.2 defines it (`config.json`), as far as it is served.
public struct RuntimeSpec: Codable, Sendable, Hashable {
    public var ociVersion: String
    public var process: ProcessSpec
    public var root: RootSpec
    public var hostname: String?
    public var domainname: String?
    public var mounts: [MountSpec]
    public var annotations: [String: String]?
    public var linux: LinuxSpec

    public init(
        ociVersion: String = "1.2.0", process: ProcessSpec, root: RootSpec, hostname: String? = nil, domainname: String? = nil,
        mounts: [MountSpec] = [], annotations: [String: String]? = nil, linux: LinuxSpec = LinuxSpec()
    ) {
        self.ociVersion = ociVersion
        self.process = process
        self.root = root
        self.hostname = hostname
        self.domainname = domainname
        self.mounts = mounts
        self.annotations = annotations
        self.linux = linux
    }
}

/// `root`: the root filesystem.
public struct RootSpec: Codable, Sendable, Hashable {
    public var path: String
    public var readonly: Bool?
    public init(path: String, readonly: Bool? = nil) {
        self.path = path
        self.readonly = readonly
    }
}

/// An entry of `mounts`.
public struct MountSpec: Codable, Sendable, Hashable {
    public var destination: String
    public var type: String?
    public var source: String?
    public var options: [String]?
    public init(destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }
}

/// `process`: what runs.
public struct ProcessSpec: Codable, Sendable, Hashable {
    public var terminal: Bool?
    public var consoleSize: ConsoleSize?
    public var user: UserSpec
    public var args: [String]
    public var env: [String]?
    public var cwd: String
    public var capabilities: CapabilitySets?
    public var rlimits: [RlimitSpec]?
    public var noNewPrivileges: Bool?
    public var oomScoreAdj: Int?

    public init(
        args: [String], cwd: String = "/", user: UserSpec = UserSpec(), env: [String]? = nil, terminal: Bool? = nil,
        consoleSize: ConsoleSize? = nil, capabilities: CapabilitySets? = nil, rlimits: [RlimitSpec]? = nil,
        noNewPrivileges: Bool? = nil, oomScoreAdj: Int? = nil
    ) {
        self.args = args
        self.cwd = cwd
        self.user = user
        self.env = env
        self.terminal = terminal
        self.consoleSize = consoleSize
        self.capabilities = capabilities
        self.rlimits = rlimits
        self.noNewPrivileges = noNewPrivileges
        self.oomScoreAdj = oomScoreAdj
    }

    public struct ConsoleSize: Codable, Sendable, Hashable {
        public var height: Int
        public var width: Int
        public init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    public struct UserSpec: Codable, Sendable, Hashable {
        public var uid: UInt32
        public var gid: UInt32
        public var umask: UInt32?
        public var additionalGids: [UInt32]?
        public init(uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32]? = nil) {
            self.uid = uid
            self.gid = gid
            self.umask = umask
            self.additionalGids = additionalGids
        }
    }

    /// Names of capabilities(7) in each set.
    public struct CapabilitySets: Codable, Sendable, Hashable {
        public var bounding: [String]?
        public var effective: [String]?
        public var permitted: [String]?
        public var inheritable: [String]?
        public var ambient: [String]?
        public init(
            bounding: [String]? = nil, effective: [String]? = nil, permitted: [String]? = nil, inheritable: [String]? = nil,
            ambient: [String]? = nil
        ) {
            self.bounding = bounding
            self.effective = effective
            self.permitted = permitted
            self.inheritable = inheritable
            self.ambient = ambient
        }
    }

    public struct RlimitSpec: Codable, Sendable, Hashable {
        public var type: String
        public var soft: UInt64
        public var hard: UInt64
        public init(type: String, soft: UInt64, hard: UInt64) {
            self.type = type
            self.soft = soft
            self.hard = hard
        }
    }
}
