import Linux
import Netlink
import Nftables
import Synchronization

extension NetworkRuntime {
    /// Compares the kernel with the records. What was observed is kept until something changed, for a few seconds at most.
    public func inspect() throws(NetworkError) -> NetworkObservation {
        let version = version.load(ordering: .relaxed)
        let now = Clock.monotonicNanoseconds
        if let kept = kept.withLock({ $0 }), kept.version == version, now - kept.at < 5_000_000_000 { return kept.observation }
        let observation = try look()
        kept.withLock { $0 = (version, now, observation) }
        return observation
    }

    private func look() throws(NetworkError) -> NetworkObservation {
        let (layout, spaces, making) = state.withLock { ($0.layout, $0.spaces, $0.making) }
        var observation = NetworkObservation()
        if layout.isEmpty { return observation }
        let (links, addresses) = try doing("look at the links") { () throws(SyscallError) in (try host.links(), try host.addresses()) }
        let named = Dictionary(links.map { ($0.name, $0) }) { first, _ in first }
        let table = tableDrift(layout) + dockerDrift()
        for network in layout.networks.values {
            observation.networks[network.id] = Self.drift(of: network, named, addresses) + Sysctl.drift(bridge: network.bridge) + table
            observation.users[network.id] = []
        }
        for attachment in layout.attachments.values.sorted(by: { $0.container < $1.container }) where !making.contains(attachment.container) {
            observation.containers[attachment.container] = drift(of: attachment, layout, named, spaces[attachment.container])
            for endpoint in attachment.endpoints { observation.users[endpoint.network, default: []].append(attachment.container) }
        }
        return observation
    }

    private static func drift(of network: NetworkRecord, _ links: [String: Link], _ addresses: [Address4]) -> [String] {
        guard let link = links[network.bridge] else { return ["bridge \(network.bridge) is missing"] }
        var drift: [String] = []
        if !link.isUp { drift.append("bridge \(network.bridge) is down") }
        if !addresses.contains(Address4(index: link.index, address: network.gateway, prefix: network.subnet.prefix)) {
            drift.append("address \(network.gateway)/\(network.subnet.prefix) of bridge \(network.bridge) is missing")
        }
        return drift
    }

    private func tableDrift(_ layout: NetworkLayout) -> [String] {
        let json: String
        do throws(RulesetError) {
            json = try rules.json("list table inet \(naming.table)")
        } catch {
            return ["rule table \(naming.table) is missing"]
        }
        guard let listing = RuleListing(json: json) else { return [] }
        // An attachment in the making has its ports in the layout before they are in the table.
        let current = state.withLock { ($0.layout, $0.making) }
        if !current.1.isEmpty || current.0 != layout { return [] }
        return listing.drift(from: layout)
    }

    private func drift(of attachment: Attachment, _ layout: NetworkLayout, _ links: [String: Link], _ space: ContainerSpace?) -> [String] {
        guard Namespace.isPinned(attachment.namespace) else { return ["its network namespace is gone"] }
        guard let space else { return ["its network was not looked at yet"] }
        var drift: [String] = []
        let inside = (try? space.netlink.links()) ?? []
        let addresses = (try? space.netlink.addresses()) ?? []
        let routes = (try? space.netlink.routes()) ?? []
        for endpoint in attachment.endpoints {
            guard let outer = links[endpoint.veth], let inner = inside.first(where: { $0.name == endpoint.interface }) else {
                drift.append("its link \(endpoint.interface) to network \(endpoint.network) is missing")
                continue
            }
            let bridge = layout.networks[endpoint.network].flatMap { links[$0.bridge] }
            if bridge == nil || outer.master != bridge?.index { drift.append("\(endpoint.veth) is not in the bridge of network \(endpoint.network)") }
            if !outer.isUp || !inner.isUp { drift.append("its link \(endpoint.interface) is down") }
            if !addresses.contains(Address4(index: inner.index, address: endpoint.address, prefix: endpoint.prefix)) {
                drift.append("its address \(endpoint.address) is missing")
            }
            if let gateway = endpoint.gateway, !routes.contains(where: { $0.isDefault && $0.gateway == gateway }) {
                drift.append("its default route by \(gateway) is missing")
            }
        }
        return drift
    }
}
