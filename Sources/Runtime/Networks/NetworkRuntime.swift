import Linux
import Netlink
import Nftables
import Synchronization

/// Networks of this host: bridges, veth pairs, addresses, published ports and names, as records that the kernel is held to.
///
/// Calls are synchronous and safe from many threads. A new process adopts what the records say with `repair`.
public final class NetworkRuntime: Sendable {
    let naming: Naming
    let files: NetworkFiles
    let namespaces: String
    let host: NetlinkSocket
    let rules: Ruleset
    let flows: NetlinkSocket
    let names: NameServer
    let relay: Relay
    let state: Mutex<NetworkState>
    /// Removal of bridges, and of links that outlive their namespace.
    let cleaning = Cleaning()
    let sweeping = Cleaning()
    let isSweepDue = Atomic<Bool>(false)
    /// Counts changes of the kernel's networks, ours and others': an observation is kept until it moves.
    let version = Atomic<Int>(0)
    let kept = Mutex<(version: Int, at: Int64, observation: NetworkObservation)?>(nil)
    let notices: AsyncStream<Void>
    private let noticing: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - engine: eight digits that name all our kernel objects.
    public init(root: String, run: String, engine: String) throws(NetworkError) {
        naming = Naming(engine: engine)
        files = try NetworkFiles(root: root)
        namespaces = "\(run)/netns"
        let namespaces = namespaces
        (host, flows, names, relay) = try doing("prepare networks") { () throws(SyscallError) in
            try File.makeDirectories(namespaces, mode: 0o700)
            return (try NetlinkSocket(), try NetlinkSocket(.netfilter), try NameServer(), try Relay())
        }
        rules = try ruling("prepare rules") { () throws(RulesetError) in try Ruleset() }
        state = Mutex(NetworkState(layout: files.load(naming)))
        (notices, noticing) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try watch()
        let (names, relay) = (names, relay)
        try doing("serve names") { () throws(SyscallError) in
            try NamedThread.start("gantry-names") { names.run() }
            try NamedThread.start("gantry-relay") { relay.run() }
        }
    }

    deinit {
        names.stop()
        relay.stop()
        noticing.finish()
    }

    private func watch() throws(NetworkError) {
        let (version, noticing) = (WeakReference(self), noticing)
        try doing("watch networks") { () throws(SyscallError) in
            let notices = try NetworkNotices()
            try NamedThread.start("gantry-notices") {
                while version.target != nil {
                    guard notices.wait(timeout: 1000) else { continue }
                    // One change brings many notices: those of the next moments are taken together.
                    var rounds = 0
                    while rounds < 20, notices.wait(timeout: 10) { rounds += 1 }
                    version.target?.touch()
                    noticing.yield()
                }
            }
        }
    }

    /// What was observed before counts no more.
    public func touch() { version.add(1, ordering: .relaxed) }

    /// Wake-ups: something about networks changed, by us or others. What, only looking tells.
    public func changes() -> AsyncStream<Void> { notices }

    public func list() -> [NetworkRecord] { state.withLock { $0.layout.networks.values.sorted { $0.id < $1.id } } }

    /// Containers that are connected.
    public func attached() -> [String] { state.withLock { $0.layout.attachments.keys.sorted() } }

    public func attachment(_ container: String) -> Attachment? { state.withLock { $0.layout.attachments[container] } }

    // MARK: networks

    /// Makes a network; one that is there already is returned as it is.
    public func create(_ request: NetworkRequest) throws(NetworkError) -> NetworkRecord {
        if let there = state.withLock({ $0.layout.networks[request.id] }) { return there }
        cleaning.wait()
        // Two engines that choose at the same time must not choose the same subnet.
        let lock = try? FileLock("/run/gantry-subnets.lock", wait: true)
        defer { withExtendedLifetime(lock) {} }
        if let there = state.withLock({ $0.layout.networks[request.id] }) { return there }
        let record = try plan(request)
        try files.save(record)
        state.withLock { $0.layout.networks[record.id] = record }
        do throws(NetworkError) {
            let index = try makeBridge(record)
            let layout = state.withLock { state in
                state.bridges[record.id] = index
                return state.layout
            }
            // The first network brings the table.
            if layout.networks.count == 1 { try writeTable() } else { try addElements(layout.elements(of: record)) }
            try passDocker()
        } catch {
            try? remove(record.id)
            throw error
        }
        touch()
        return record
    }

    private func plan(_ request: NetworkRequest) throws(NetworkError) -> NetworkRecord {
        let routes = try doing("read routes") { () throws(SyscallError) in try host.routes() }.map(\.destination)
        let used = routes.filter { $0.prefix > 0 } + state.withLock { $0.layout.networks.values.map(\.subnet) }
        let subnet: Subnet4
        if let text = request.subnet {
            guard let given = Subnet4(text), given.prefix <= 30 else {
                throw NetworkError(.invalid, "network \(request.id): subnet \"\(text)\"", cause: "it is no IPv4 network", hint: "write it as 10.5.0.0/24")
            }
            if let clash = used.first(where: { $0.overlaps(given) }) {
                throw NetworkError(
                    .inUse, "network \(request.id): subnet \(given)", cause: "it overlaps with \(clash), which this host uses", hint: "choose another, or leave it out")
            }
            subnet = given
        } else {
            guard let free = AddressPool.subnet(avoiding: used) else {
                throw NetworkError(
                    .exhausted, "network \(request.id)", cause: "all subnets of \(AddressPool.pool) are in use", hint: "remove stacks, or give the network a subnet")
            }
            subnet = free
        }
        let gateway = request.gateway.flatMap { IPv4($0) } ?? IPv4(subnet.base.value + 1)
        guard subnet.contains(gateway) else {
            throw NetworkError(.invalid, "network \(request.id): gateway \(gateway)", cause: "it is not in \(subnet)")
        }
        let mtu = if let asked = request.mtu { asked } else { try uplinkMTU() }
        return NetworkRecord(
            id: request.id, bridge: request.bridgeName ?? naming.bridge(request.id), subnet: subnet, gateway: gateway, isInternal: request.isInternal,
            range: request.range.flatMap { Subnet4($0) }, reserved: request.reserved.compactMap { IPv4($0) }, mtu: mtu)
    }

    /// The smallest size that ways out of this host take, when it is less than usual (tunnels, some clouds): larger packets of
    /// containers would be lost there. Nil otherwise.
    private func uplinkMTU() throws(NetworkError) -> Int? {
        let host = host
        let (routes, links) = try doing("look at the links") { () throws(SyscallError) in (try host.routes(), try host.links()) }
        let ways = Set(routes.filter(\.isDefault).compactMap(\.index))
        let least = links.filter { ways.contains($0.index) && $0.mtu >= 576 }.map(\.mtu).min() ?? 1500
        return least < 1500 ? Int(least) : nil
    }

    /// Brings the bridge to what the record says, from nothing or from anything.
    /// - Returns: its index.
    func makeBridge(_ record: NetworkRecord, among links: [Link]? = nil) throws(NetworkError) -> Int32 {
        let (host, naming) = (host, naming)
        return try doing("make bridge \(record.bridge) of network \(record.id)") { () throws(SyscallError) in
            var all: [Link]
            if let links { all = links } else { all = try host.links() }
            var found = all.first { $0.name == record.bridge }
            if found == nil {
                try host.addBridge(record.bridge, alias: naming.alias(record.id), mtu: record.mtu.map(UInt32.init(clamping:)))
                all = try host.links()
                found = all.first { $0.name == record.bridge }
            }
            guard let link = found else { throw SyscallError(call: "netlink", subject: record.bridge, errno: 19) }
            // A link of this name that somebody else made is theirs. One without an alias is what a killed process of ours left.
            let isUnfinished = link.alias == nil && record.bridge == naming.bridge(record.id)
            guard isUnfinished || naming.owns(alias: link.alias) else { throw SyscallError(call: "netlink", subject: record.bridge, errno: 17) }
            try Sysctl.prepare(bridge: record.bridge)
            try host.addAddress(.init(index: link.index, address: record.gateway, prefix: record.subnet.prefix))
            if !link.isUp { try host.setUp(link.index) }
            return link.index
        }
    }

    /// Removes a network. One that is not there is no error.
    /// - Throws: `.inUse` while containers are attached.
    public func remove(_ id: String) throws(NetworkError) {
        let (record, users, layout) = state.withLock { state in
            (state.layout.networks[id], state.layout.attachments.values.filter { $0.endpoints.contains { $0.network == id } }.map(\.container), state.layout)
        }
        guard let record else { return }
        if let user = users.first { throw NetworkError(.inUse, "network \(id)", cause: "container \(user) is in it", hint: "remove the container first") }
        state.withLock { state in
            state.layout.networks[id] = nil
            state.bridges[id] = nil
        }
        files.removeNetwork(id)
        try? removeElements(layout.elements(of: record))
        try dropTableIfEmpty()
        let host = host
        let naming = naming
        cleaning.run {
            guard let link = try? host.links().first(where: { $0.name == record.bridge }), naming.owns(alias: link.alias) else { return }
            try? host.deleteLink(record.bridge)
        }
        touch()
    }

    func dropTableIfEmpty() throws(NetworkError) {
        guard state.withLock({ $0.layout.isEmpty }) else { return }
        _ = try? rules.run("delete table inet \(naming.table)")
        forgetDocker()
    }

    /// Waits until slow removals (bridges, links that outlived their namespace) are done.
    public func settle() {
        sweeping.wait()
        cleaning.wait()
    }

    // MARK: rules

    func writeTable() throws(NetworkError) {
        let text = state.withLock { $0.layout.table }
        try ruling("write the rules") { () throws(RulesetError) in try rules.run(text) }
    }

    /// Adds to sets and maps; where the table was lost, all of it is written.
    func addElements(_ elements: [String: [String]]) throws(NetworkError) {
        let commands = elements.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map {
            "add element inet \(naming.table) \($0.key) { \($0.value.joined(separator: ", ")) }"
        }
        if commands.isEmpty { return }
        do throws(RulesetError) { try rules.run(commands.joined(separator: "\n") + "\n") } catch {
            guard error.isMissing else { throw NetworkError(.system, "write the rules", cause: error.description) }
            try writeTable()
        }
    }

    func removeElements(_ elements: [String: [String]]) throws(NetworkError) {
        let commands = elements.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map {
            "delete element inet \(naming.table) \($0.key) { \($0.value.joined(separator: ", ")) }"
        }
        if commands.isEmpty { return }
        do throws(RulesetError) { try rules.run(commands.joined(separator: "\n") + "\n") } catch {
            // Some were gone: all is written as it shall be.
            if !state.withLock({ $0.layout.isEmpty }) { try writeTable() }
        }
    }
}
