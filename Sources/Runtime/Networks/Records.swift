import Linux

/// A network that is asked for.
public struct NetworkRequest: Sendable, Hashable {
    /// The full name: `web_default`.
    public var id: String
    /// Without a way out, and without published ports.
    public var isInternal: Bool
    /// Chosen from the pool when nil.
    public var subnet: String?
    public var gateway: String?
    /// Addresses are given from here when set.
    public var range: String?
    /// Addresses that are not given.
    public var reserved: [String]
    public var mtu: Int?
    public var bridgeName: String?

    public init(
        id: String, isInternal: Bool = false, subnet: String? = nil, gateway: String? = nil, range: String? = nil, reserved: [String] = [],
        mtu: Int? = nil, bridgeName: String? = nil
    ) {
        self.id = id
        self.isInternal = isInternal
        self.subnet = subnet
        self.gateway = gateway
        self.range = range
        self.reserved = reserved
        self.mtu = mtu
        self.bridgeName = bridgeName
    }
}

/// A network as it was made; `<root>/networks/<id>.json`.
public struct NetworkRecord: Codable, Sendable, Hashable {
    public var id: String
    public var bridge: String
    public var subnet: Subnet4
    public var gateway: IPv4
    public var isInternal: Bool
    public var range: Subnet4?
    public var reserved: [IPv4]
    public var mtu: Int?
}

/// A container's place in a network that is asked for.
public struct EndpointRequest: Sendable, Hashable {
    public var network: String
    /// Names by which others in this network find it.
    public var names: [String]
    public var address: String?
    public var mac: String?
    /// `eth0`, `eth1`… when nil.
    public var interface: String?
    public init(network: String, names: [String], address: String? = nil, mac: String? = nil, interface: String? = nil) {
        self.network = network
        self.names = names
        self.address = address
        self.mac = mac
        self.interface = interface
    }
}

public struct AttachRequest: Sendable, Hashable {
    public var container: String
    /// The first that is not internal gives the default route and the published ports' target.
    public var endpoints: [EndpointRequest]
    public var ports: [PublishedPort]
    public init(container: String, endpoints: [EndpointRequest], ports: [PublishedPort] = []) {
        self.container = container
        self.endpoints = endpoints
        self.ports = ports
    }
}

public enum PortProtocol: String, Codable, Sendable, Hashable, CaseIterable { case tcp, udp, sctp }

/// A port to publish.
public struct PublishedPort: Codable, Sendable, Hashable {
    /// nil: every address of the host.
    public var hostIP: String?
    /// 0: one that is free.
    public var hostPort: Int
    /// The last of a range of which the first free one is taken.
    public var hostPortEnd: Int?
    public var containerPort: Int
    public var proto: PortProtocol
    public init(hostIP: String? = nil, hostPort: Int, hostPortEnd: Int? = nil, containerPort: Int, proto: PortProtocol = .tcp) {
        self.hostIP = hostIP == "0.0.0.0" || hostIP == "" ? nil : hostIP
        self.hostPort = hostPort
        self.hostPortEnd = hostPortEnd
        self.containerPort = containerPort
        self.proto = proto
    }
}

/// A container's connection as it was made; `<root>/attachments/<container>.json`.
public struct Attachment: Codable, Sendable, Hashable {
    public var container: String
    /// The path where its network namespace is pinned.
    public var namespace: String
    public var endpoints: [Endpoint]
    /// With the host ports that were chosen.
    public var ports: [PublishedPort]

    public struct Endpoint: Codable, Sendable, Hashable {
        public var network: String
        public var names: [String]
        public var interface: String
        public var address: IPv4
        public var prefix: Int
        public var mac: String
        /// The end of its veth pair on the host.
        public var veth: String
        /// Set on the endpoint that the default route leads through.
        public var gateway: IPv4?
    }

    /// Whether this endpoint's port of the bridge must send back what it took: published ports lead to it.
    func isHairpin(_ endpoint: Endpoint) -> Bool { !ports.isEmpty && endpoint.address == target }

    /// Where published ports lead: the endpoint with the default route.
    public var target: IPv4? { endpoints.first { $0.gateway != nil }?.address }
}

/// A host port that is taken.
public struct PortConflict: Sendable, Hashable {
    public enum Holder: Sendable, Hashable {
        case container(String)
        case process(pid: Int32, name: String)
        case unknown
    }
    public var port: PublishedPort
    public var holder: Holder
    public init(port: PublishedPort, holder: Holder) {
        self.port = port
        self.holder = holder
    }
}

/// What differs from the records, as sentences; empty lists: nothing.
public struct NetworkObservation: Sendable, Hashable {
    /// Every network there is a record of.
    public var networks: [String: [String]] = [:]
    /// Every container that is attached.
    public var containers: [String: [String]] = [:]
    /// Network → containers.
    public var users: [String: [String]] = [:]
    public init() {}
}
