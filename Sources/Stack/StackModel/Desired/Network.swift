/// A top-level network of a stack.
public struct Network: Codable, Sendable, Hashable {
    /// The key in the stack file.
    public var key: String
    /// The full name: `<stack>_<key>`, or the `name` that was given.
    public var name: String
    /// Made by someone else, never made or removed by this stack.
    public var external: Bool = false
    public var driver: String = "bridge"
    public var driverOptions: [String: String] = [:]
    public var isInternal: Bool = false
    public var attachable: Bool = false
    public var enableIPv4: Bool = true
    public var enableIPv6: Bool = false
    public var subnets: [Subnet] = []
    public var labels: [String: String] = [:]
    public var extensions: [String: Value] = [:]

    public struct Subnet: Codable, Sendable, Hashable {
        public var subnet: String?
        public var gateway: String?
        public var ipRange: String?
        public var auxAddresses: [String: String] = [:]
        public init(subnet: String? = nil, gateway: String? = nil, ipRange: String? = nil) {
            self.subnet = subnet
            self.gateway = gateway
            self.ipRange = ipRange
        }
    }

    public init(key: String, name: String) {
        self.key = key
        self.name = name
    }
}

/// A top-level volume of a stack.
public struct Volume: Codable, Sendable, Hashable {
    public var key: String
    public var name: String
    public var external: Bool = false
    public var driver: String = "local"
    public var driverOptions: [String: String] = [:]
    public var labels: [String: String] = [:]
    public var extensions: [String: Value] = [:]

    public init(key: String, name: String) {
        self.key = key
        self.name = name
    }
}

/// A top-level secret or config: something that appears as a file in containers.
public struct FileObject: Codable, Sendable, Hashable {
    public enum Source: Codable, Sendable, Hashable {
        case file(String)
        case environment(String)
        case content(String)
        case external(String)
    }
    public var key: String
    public var name: String
    public var source: Source
    public init(key: String, name: String, source: Source) {
        self.key = key
        self.name = name
        self.source = source
    }
}

/// A service's use of a secret or config.
public struct FileReference: Codable, Sendable, Hashable {
    public var source: String
    public var target: String
    public var uid: Int?
    public var gid: Int?
    public var mode: Int?
    public init(source: String, target: String, uid: Int? = nil, gid: Int? = nil, mode: Int? = nil) {
        self.source = source
        self.target = target
        self.uid = uid
        self.gid = gid
        self.mode = mode
    }
}
