import Linux
import Netlink
import Synchronization

extension NetworkRuntime {
    /// Connects a container that does not run yet: its namespace is made, pinned and set up, its ports are published. A container that
    /// is connected already is left as it is.
    public func attach(_ request: AttachRequest) throws(NetworkError) -> Attachment {
        if let there = attachment(request.container) { return there }
        let attachment = try reserve(request)
        do throws(NetworkError) {
            try files.save(attachment)
            try connect(attachment)
            state.withLock { _ = $0.making.remove(request.container) }
            try addElements(state.withLock { $0.layout.elements(of: attachment) })
            redirectDatagrams(attachment, isGone: false)
            if state.withLock({ $0.layout.networks.isEmpty && $0.layout.attachments.count == 1 }) { touch() }
        } catch {
            try? detach(request.container)
            throw error
        }
        updateNames()
        touch()
        return attachment
    }

    /// Chooses addresses and ports and takes them.
    private func reserve(_ request: AttachRequest) throws(NetworkError) -> Attachment {
        let namespace = "\(namespaces)/\(request.container)"
        var attachment = try state.withLock { state throws(NetworkError) -> Attachment in
            var attachment = Attachment(container: request.container, namespace: namespace, endpoints: [], ports: [])
            var hasRoute = false
            for (index, endpoint) in request.endpoints.enumerated() {
                guard let network = state.layout.networks[endpoint.network] else {
                    throw NetworkError(.notFound, "there is no network \"\(endpoint.network)\"")
                }
                let address = try Self.address(endpoint, network, state)
                attachment.endpoints.append(
                    Attachment.Endpoint(
                        network: network.id, names: endpoint.names, interface: endpoint.interface ?? "eth\(index)", address: address,
                        prefix: network.subnet.prefix, mac: endpoint.mac ?? Naming.mac(address),
                        veth: naming.veth(request.container, network.id),
                        gateway: network.isInternal || hasRoute ? nil : network.gateway))
                hasRoute = hasRoute || !network.isInternal
            }
            state.layout.attachments[request.container] = attachment
            state.making.insert(request.container)
            return attachment
        }
        do throws(NetworkError) {
            for port in request.ports { attachment.ports.append(try hold(port, attachment)) }
        } catch {
            relay.release(container: request.container)
            state.withLock { state in
                state.layout.attachments[request.container] = nil
                state.making.remove(request.container)
            }
            throw error
        }
        state.withLock { $0.layout.attachments[request.container] = attachment }
        return attachment
    }

    private static func address(_ endpoint: EndpointRequest, _ network: NetworkRecord, _ state: NetworkState) throws(NetworkError) -> IPv4 {
        let taken = state.takenAddresses(network.id)
        guard let text = endpoint.address else {
            guard let free = AddressPool.address(in: network, taken: taken) else {
                throw NetworkError(.exhausted, "network \(network.id)", cause: "no address of \(network.subnet) is free", hint: "give it a larger subnet")
            }
            return free
        }
        guard let address = IPv4(text), network.subnet.contains(address), address != network.gateway else {
            throw NetworkError(.invalid, "address \(text)", cause: "it is not one that network \(network.id) (\(network.subnet)) can give")
        }
        if taken.contains(address) { throw NetworkError(.inUse, "address \(address) of network \(network.id)", cause: "another container has it") }
        return address
    }

    // MARK: links

    /// Brings a container's namespace to what its record says, from nothing or from anything.
    func connect(_ attachment: Attachment, among links: [Link] = []) throws(NetworkError) {
        let space = try space(of: attachment)
        for endpoint in attachment.endpoints {
            try replug(endpoint, attachment, space, links)
            try doing("set up \(endpoint.interface) of the container") { () throws(SyscallError) in
                guard let link = try space.netlink.links().first(where: { $0.name == endpoint.interface }) else {
                    throw SyscallError(call: "netlink", subject: endpoint.interface, errno: 19)
                }
                let address = Address4(index: link.index, address: endpoint.address, prefix: endpoint.prefix)
                let route = endpoint.gateway.map { [Route4(destination: Subnet4(IPv4(0), prefix: 0), gateway: $0, index: link.index)] } ?? []
                try space.netlink.configure(link.index, addresses: [address], routes: route)
            }
        }
    }

    /// Makes the link unless it is there and leads into this namespace: one may lead into an earlier one, whose pin was lost.
    private func replug(_ endpoint: Attachment.Endpoint, _ attachment: Attachment, _ space: ContainerSpace, _ links: [Link]) throws(NetworkError) {
        let isInside = ((try? space.netlink.links()) ?? []).contains { $0.name == endpoint.interface }
        let isOutside = links.contains { $0.name == endpoint.veth }
        if isInside && isOutside { return }
        let host = host
        if isOutside { try doing("replace \(endpoint.veth)") { () throws(SyscallError) in try host.deleteLink(endpoint.veth) } }
        try plug(endpoint, attachment)
    }

    private func space(of attachment: Attachment) throws(NetworkError) -> ContainerSpace {
        let isPinned = Namespace.isPinned(attachment.namespace)
        if isPinned, let there = state.withLock({ $0.spaces[attachment.container] }) { return there }
        if !isPinned { try doing("make the network of the container") { () throws(SyscallError) in try Namespace.pinNetwork(at: attachment.namespace) } }
        let space = try ContainerSpace(path: attachment.namespace)
        state.withLock { $0.spaces[attachment.container] = space }
        names.add(attachment.container, space.names)
        return space
    }

    private func plug(_ endpoint: Attachment.Endpoint, _ attachment: Attachment) throws(NetworkError) {
        guard let bridge = state.withLock({ $0.bridges[endpoint.network] }), let mac = Naming.bytes(mac: endpoint.mac) else {
            throw NetworkError(.notFound, "network \(endpoint.network)", cause: "its bridge is missing, or \"\(endpoint.mac)\" is no MAC address")
        }
        let mtu = state.withLock { $0.layout.networks[endpoint.network]?.mtu }.map(UInt32.init(clamping:))
        let (host, naming) = (host, naming)
        try doing("connect the container to network \(endpoint.network)") { () throws(SyscallError) in
            let namespace = try File.open(attachment.namespace, flags: File.readOnly)
            let pair = VethPair(
                name: endpoint.veth, alias: naming.alias(attachment.container), master: bridge, mtu: mtu, peerName: endpoint.interface,
                peerMAC: mac, peerNamespace: namespace.raw, isHairpin: attachment.isHairpin(endpoint))
            do throws(SyscallError) {
                try host.addVeth(pair)
            } catch {
                // Its forerunner's namespace has not ended yet.
                guard error.name == "EEXIST" else { throw error }
                try host.deleteLink(endpoint.veth)
                try host.addVeth(pair)
            }
        }
    }

    /// Disconnects a container: its ports are free, its namespace goes with its last process. One that is not connected is no error.
    public func detach(_ container: String) throws(NetworkError) {
        let (attachment, elements) = state.withLock { state -> (Attachment?, [String: [String]]) in
            let attachment = state.layout.attachments.removeValue(forKey: container)
            state.spaces[container] = nil
            state.ready.remove(container)
            state.making.remove(container)
            return (attachment, attachment.map { state.layout.elements(of: $0) } ?? [:])
        }
        guard let attachment else { return }
        relay.release(container: container)
        names.remove(container)
        try? removeElements(elements)
        redirectDatagrams(attachment, isGone: true)
        try dropTableIfEmpty()
        updateNames()
        try doing("remove the network of container \(container)") { () throws(SyscallError) in try Namespace.unpin(attachment.namespace) }
        files.removeAttachment(container)
        sweepLater()
        touch()
    }

    // MARK: names

    /// Whether names are answered with this container.
    public func setReady(_ container: String, _ ready: Bool) {
        let changed = state.withLock { state in
            guard state.layout.attachments[container] != nil else { return false }
            return ready ? state.ready.insert(container).inserted : state.ready.remove(container) != nil
        }
        if changed { updateNames() }
    }

    func updateNames() { names.set(state.withLock { NameTable($0.layout.attachments, ready: $0.ready) }) }

    /// Serves until the task is cancelled. Names and relays are served by threads of their own from the beginning.
    public func serve() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }
}
