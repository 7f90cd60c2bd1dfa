import Linux
import Netlink
import Synchronization

extension NetworkRuntime {
    /// Puts back what the records say and the kernel lacks: after a drift, in a new process, and after a reboot.
    /// - Returns: what was mended, as sentences.
    @discardableResult
    public func repair() throws(NetworkError) -> [String] {
        touch()
        let before = try inspect()
        let (layout, spaces) = state.withLock { ($0.layout, $0.spaces) }
        if layout.isEmpty {
            sweep()
            return []
        }
        let links = try doing("look at the links") { () throws(SyscallError) in try host.links() }
        for network in layout.networks.values {
            let index = try makeBridge(network, among: links)
            state.withLock { $0.bridges[network.id] = index }
        }
        try repairAttachments(layout, spaces, before)
        let hasTableDrift = before.networks.values.contains { $0.contains { $0.contains("rule table") } }
        if hasTableDrift || layout.networks.isEmpty { try writeTable() }
        try passDocker()
        updateNames()
        sweep()
        touch()
        return Set(before.networks.values.flatMap { $0 } + before.containers.flatMap { id, drift in drift.map { "container \(id.prefix(12)): \($0)" } })
            .filter { !$0.hasSuffix("was not looked at yet") }.sorted()
    }

    private func repairAttachments(_ layout: NetworkLayout, _ spaces: [String: ContainerSpace], _ before: NetworkObservation) throws(NetworkError) {
        let links = try doing("look at the links") { () throws(SyscallError) in try host.links() }
        let indexes = state.withLock { $0.bridges }
        var first: NetworkError?
        for attachment in layout.attachments.values where !(before.containers[attachment.container] ?? []).isEmpty {
            do throws(NetworkError) {
                try reconnect(attachment, links, indexes)
                if spaces[attachment.container] == nil { try hold(attachment) }
            } catch {
                // One container's trouble must not keep the others from being mended.
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    private func reconnect(_ attachment: Attachment, _ links: [Link], _ indexes: [String: Int32]) throws(NetworkError) {
        let host = host
        try doing("repair the links of container \(attachment.container)") { () throws(SyscallError) in
            for endpoint in attachment.endpoints {
                guard let link = links.first(where: { $0.name == endpoint.veth }) else { continue }
                if !link.isUp { try host.setUp(link.index) }
                guard let index = indexes[endpoint.network], link.master != index else { continue }
                try host.setMaster(link.index, index)
                if attachment.isHairpin(endpoint) { try host.setHairpin(link.index) }
            }
        }
        try connect(attachment, among: links)
    }

    /// A new process takes the ports of what it adopts.
    private func hold(_ attachment: Attachment) throws(NetworkError) {
        guard let target = attachment.target else { return }
        for port in attachment.ports {
            do throws(SyscallError) {
                try relay.hold(
                    .init(
                        container: attachment.container, hostIP: port.hostIP, hostPort: port.hostPort, proto: port.proto, target: target,
                        targetPort: port.containerPort))
            } catch {
                // Another program took it meanwhile: the rules still lead IPv4 to the container.
            }
        }
    }

    // MARK: what nobody has a record of

    func sweepLater() {
        guard isSweepDue.exchange(true, ordering: .relaxed) == false else { return }
        sweeping.run { [weak self] in
            // Namespaces that end by themselves take their links along, many at once and faster.
            Clock.sleep(milliseconds: 700)
            self?.isSweepDue.store(false, ordering: .relaxed)
            self?.sweep()
        }
    }

    /// Removes links of ours that no record names and namespaces that no container has: what a killed process left.
    func sweep() {
        let layout = state.withLock { $0.layout }
        // What a damaged record names cannot be known: nothing is nobody's then.
        guard files.damaged.isEmpty else { return }
        let wanted = layout.linkNames
        for link in (try? host.links()) ?? [] where naming.owns(alias: link.alias) && !wanted.contains(link.name) {
            // Made since: the layout is asked again before anything goes.
            if state.withLock({ $0.layout.linkNames.contains(link.name) }) { continue }
            try? host.deleteLink(link.name)
        }
        for name in (try? File.list(namespaces)) ?? [] where layout.attachments[name] == nil {
            if state.withLock({ $0.layout.attachments[name] != nil }) { continue }
            try? Namespace.unpin("\(namespaces)/\(name)")
        }
        if layout.isEmpty, state.withLock({ $0.layout.isEmpty }) {
            _ = try? rules.run("delete table inet \(naming.table)")
            forgetDocker()
        }
    }
}
