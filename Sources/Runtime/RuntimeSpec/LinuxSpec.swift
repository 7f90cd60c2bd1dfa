/// `linux`: what only Linux has.
public struct LinuxSpec: Codable, Sendable, Hashable {
    public var namespaces: [NamespaceSpec]
    public var devices: [DeviceSpec]?
    public var cgroupsPath: String?
    public var resources: ResourcesSpec?
    public var sysctl: [String: String]?
    public var maskedPaths: [String]?
    public var readonlyPaths: [String]?
    public var seccomp: SeccompSpec?

    public init(
        namespaces: [NamespaceSpec] = [], devices: [DeviceSpec]? = nil, cgroupsPath: String? = nil, resources: ResourcesSpec? = nil,
        sysctl: [String: String]? = nil, maskedPaths: [String]? = nil, readonlyPaths: [String]? = nil, seccomp: SeccompSpec? = nil
    ) {
        self.namespaces = namespaces
        self.devices = devices
        self.cgroupsPath = cgroupsPath
        self.resources = resources
        self.sysctl = sysctl
        self.maskedPaths = maskedPaths
        self.readonlyPaths = readonlyPaths
        self.seccomp = seccomp
    }

    public struct NamespaceSpec: Codable, Sendable, Hashable {
        public enum Kind: String, Codable, Sendable, Hashable { case pid, network, mount, ipc, uts, user, cgroup, time }
        public var type: Kind
        /// Joined when given, else made.
        public var path: String?
        public init(_ type: Kind, path: String? = nil) {
            self.type = type
            self.path = path
        }
    }

    public struct DeviceSpec: Codable, Sendable, Hashable {
        /// `c`, `b`, `u` or `p`.
        public var type: String
        public var path: String
        public var major: Int64?
        public var minor: Int64?
        public var fileMode: UInt32?
        public var uid: UInt32?
        public var gid: UInt32?
        public init(
            type: String, path: String, major: Int64? = nil, minor: Int64? = nil, fileMode: UInt32? = nil, uid: UInt32? = nil,
            gid: UInt32? = nil
        ) {
            self.type = type
            self.path = path
            self.major = major
            self.minor = minor
            self.fileMode = fileMode
            self.uid = uid
            self.gid = gid
        }
    }
}

/// `linux.resources`.
public struct ResourcesSpec: Codable, Sendable, Hashable {
    public var memory: Memory?
    public var cpu: CPU?
    public var pids: Pids?
    public var devices: [DeviceRule]?
    public init(memory: Memory? = nil, cpu: CPU? = nil, pids: Pids? = nil, devices: [DeviceRule]? = nil) {
        self.memory = memory
        self.cpu = cpu
        self.pids = pids
        self.devices = devices
    }

    /// Bytes; -1 is no limit. `swap` counts memory and swap together.
    public struct Memory: Codable, Sendable, Hashable {
        public var limit: Int64?
        public var reservation: Int64?
        public var swap: Int64?
        public var swappiness: UInt64?
        public var disableOOMKiller: Bool?
        public init(
            limit: Int64? = nil, reservation: Int64? = nil, swap: Int64? = nil, swappiness: UInt64? = nil, disableOOMKiller: Bool? = nil
        ) {
            self.limit = limit
            self.reservation = reservation
            self.swap = swap
            self.swappiness = swappiness
            self.disableOOMKiller = disableOOMKiller
        }
    }

    /// Times in microseconds.
    public struct CPU: Codable, Sendable, Hashable {
        public var shares: UInt64?
        public var quota: Int64?
        public var period: UInt64?
        public var cpus: String?
        public var mems: String?
        public init(shares: UInt64? = nil, quota: Int64? = nil, period: UInt64? = nil, cpus: String? = nil, mems: String? = nil) {
            self.shares = shares
            self.quota = quota
            self.period = period
            self.cpus = cpus
            self.mems = mems
        }
    }

    public struct Pids: Codable, Sendable, Hashable {
        public var limit: Int64
        public init(limit: Int64) { self.limit = limit }
    }

    public struct DeviceRule: Codable, Sendable, Hashable {
        public var allow: Bool
        public var type: String?
        public var major: Int64?
        public var minor: Int64?
        public var access: String?
        public init(allow: Bool, type: String? = nil, major: Int64? = nil, minor: Int64? = nil, access: String? = nil) {
            self.allow = allow
            self.type = type
            self.major = major
            self.minor = minor
            self.access = access
        }
    }
}

/// `linux.seccomp`.
public struct SeccompSpec: Codable, Sendable, Hashable {
    public var defaultAction: String
    public var defaultErrnoRet: UInt32?
    public var architectures: [String]?
    public var syscalls: [Rule]?
    public init(defaultAction: String, defaultErrnoRet: UInt32? = nil, architectures: [String]? = nil, syscalls: [Rule]? = nil) {
        self.defaultAction = defaultAction
        self.defaultErrnoRet = defaultErrnoRet
        self.architectures = architectures
        self.syscalls = syscalls
    }

    public struct Rule: Codable, Sendable, Hashable {
        public var names: [String]
        public var action: String
        public var errnoRet: UInt32?
        public var args: [Argument]?
        public init(names: [String], action: String, errnoRet: UInt32? = nil, args: [Argument]? = nil) {
            self.names = names
            self.action = action
            self.errnoRet = errnoRet
            self.args = args
        }
    }

    public struct Argument: Codable, Sendable, Hashable {
        public var index: UInt32
        public var value: UInt64
        public var valueTwo: UInt64?
        public var op: String
        public init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: String) {
            self.index = index
            self.value = value
            self.valueTwo = valueTwo
            self.op = op
        }
    }
}
