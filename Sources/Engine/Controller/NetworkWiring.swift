import Linux
import Networks
import StackModel

/// The stack's words about networks in the runtime's.
extension NetworkRequest {
    init(_ network: Network) {
        let ipam = network.subnets.first { $0.subnet?.contains(".") ?? true }
        self.init(
            id: network.name, isInternal: network.isInternal, subnet: ipam?.subnet, gateway: ipam?.gateway, range: ipam?.ipRange,
            reserved: ipam.map { $0.auxAddresses.values.sorted() } ?? [],
            mtu: network.driverOptions["com.docker.network.driver.mtu"].flatMap { Int($0) },
            bridgeName: network.driverOptions["com.docker.network.bridge.name"])
    }
}

extension AttachRequest {
    /// Interfaces in the order that people set by `priority`; the default route by `gw_priority`.
    init(_ service: Service, number: Int, name: String, id: String, stack: Stack) {
        let ordered = service.networks.sorted {
            (-$0.value.gatewayPriority, -$0.value.priority, $0.key) < (-$1.value.gatewayPriority, -$1.value.priority, $1.key)
        }
        var endpoints: [EndpointRequest] = []
        for (key, attachment) in ordered {
            guard service.networkMode == .networks, let network = stack.networks[key] else { continue }
            var names: [String] = []
            for known in [name, service.name, String(id.prefix(12))] + attachment.aliases + [service.hostname].compactMap({ $0 }) where !names.contains(known) {
                names.append(known)
            }
            endpoints.append(
                EndpointRequest(
                    network: network.name, names: names, address: attachment.ipv4Address, mac: attachment.macAddress,
                    interface: attachment.interfaceName))
        }
        self.init(container: id, endpoints: endpoints, ports: service.ports.map(PublishedPort.init))
    }
}

extension PublishedPort {
    init(_ port: PortMapping) {
        self.init(
            hostIP: port.hostIP, hostPort: port.published ?? 0, hostPortEnd: port.publishedEnd, containerPort: port.target,
            proto: PortProtocol(rawValue: port.proto.rawValue) ?? .tcp)
    }

    /// Nil for ports that the kernel chooses: they conflict with nothing.
    init?(fixed port: PortMapping) {
        guard port.published != nil else { return nil }
        self.init(port)
    }
}

extension ContainerSummary.Publisher {
    static func all(_ port: PublishedPort) -> [ContainerSummary.Publisher] {
        let urls = port.hostIP.map { [$0] } ?? ["0.0.0.0", "::"]
        return urls.map { .init(url: $0, targetPort: port.containerPort, publishedPort: port.hostPort, proto: port.proto.rawValue) }
    }
}

extension Attachment {
    var addressTexts: [String: String] { Dictionary(endpoints.map { ($0.network, $0.address.description) }) { first, _ in first } }
}

extension WiredNetwork {
    init(_ attachment: Attachment) {
        let first = attachment.endpoints.first
        self.init(
            address: first?.address.description, gateway: attachment.endpoints.compactMap(\.gateway).first?.description,
            resolver: attachment.endpoints.isEmpty ? nil : "127.0.0.11")
    }
}

extension Failure {
    init(_ conflict: PortConflict, service: String, name: (String) -> String?) {
        let holder: String
        switch conflict.holder {
        case .container(let id): holder = "container \(name(id) ?? id) has it"
        case .process(let pid, let program): holder = "\(program) (pid \(pid)) has it"
        case .unknown: holder = "another program has it"
        }
        self.init(
            code: .portInUse, what: "service \"\(service)\": host port \(conflict.port.hostPort)/\(conflict.port.proto.rawValue) is in use", cause: holder,
            hint: "end it, or publish another port")
    }
}
