import FoundationEssentials
import Linux
import Netlink
import Networks
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Lab.isPossible, "needs root"))
struct LifeTests {
    private func endpoint(_ network: String, _ name: String) -> EndpointRequest { EndpointRequest(network: network, names: [name]) }

    @Test("attaching gives interfaces in order, one default route, and a loopback that is up")
    func interfaces() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        let back = try runtime.create(NetworkRequest(id: "back", isInternal: true))
        let front = try runtime.create(NetworkRequest(id: "front", subnet: "10.77.0.0/24", gateway: "10.77.0.254", mtu: 1400))
        let request = AttachRequest(
            container: "c",
            endpoints: [endpoint("back", "c"), .init(network: "front", names: ["c"], address: "10.77.0.9", mac: "02:00:00:00:00:09")])
        let made = try runtime.attach(request)
        #expect(made.endpoints.map(\.interface) == ["eth0", "eth1"])
        #expect(made.endpoints.map(\.network) == ["back", "front"])
        #expect(try runtime.attach(request) == made)
        let (links, routes) = try Namespace.inNetwork(made.namespace) { () throws(SyscallError) in
            let socket = try NetlinkSocket()
            return (try socket.links(), try socket.routes())
        }
        #expect(links.allSatisfy { $0.isUp })
        #expect(Set(links.map(\.name)) == ["lo", "eth0", "eth1"])
        #expect(links.first { $0.name == "eth1" }.map { [$0.mac, [UInt8($0.mtu >> 8), UInt8($0.mtu & 0xff)]] } == [[2, 0, 0, 0, 0, 9], [5, 120]])
        #expect(routes.filter(\.isDefault).map(\.gateway) == [front.gateway])
        #expect(!back.subnet.overlaps(front.subnet))
    }

    @Test("after the last network nothing is left, and a second time it is made the same")
    func nothingLeft() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        var addresses: [IPv4] = []
        for _ in 0..<2 {
            try runtime.create(NetworkRequest(id: "net"))
            let port = PublishedPort(hostPort: 0, containerPort: 80)
            let made = try runtime.attach("c", "net", [port])
            #expect(made.ports[0].hostPort > 1023)
            addresses.append(made.endpoints[0].address)
            #expect(throws: NetworkError.self) { try runtime.remove("net") }
            try runtime.detach("c")
            try runtime.detach("c")
            try runtime.remove("net")
            try runtime.remove("net")
            #expect(try lab.leftovers(runtime) == [])
        }
        #expect(addresses[0] == addresses[1])
    }

    @Test("what others take away is named by inspect and put back by repair")
    func repair() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        let network = try runtime.create(NetworkRequest(id: "net"))
        let port = PublishedPort(hostPort: 8080, containerPort: 80)
        let made = try runtime.attach("c", "net", [port])
        try lab.serveWeb(in: made.namespace, "hello")
        #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"))
        let end = made.endpoints[0]
        for (harm, act) in harms(lab, network, end.veth) {
            try act()
            // Not every setting has a notice: an observation is kept for five seconds at most.
            #expect(
                try eventually {
                    let seen = try runtime.inspect()
                    return seen.networks.values.contains { !$0.isEmpty } || seen.containers.values.contains { !$0.isEmpty }
                }, "\(harm)")
            #expect(try !runtime.repair().isEmpty, "\(harm)")
            #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"), "\(harm)")
            #expect(try runtime.inspect().networks["net"] == [], "\(harm)")
            #expect(try runtime.inspect().containers["c"] == [], "\(harm)")
        }
        try lab.change(in: made.namespace) { socket throws(SyscallError) in
            guard let link = try socket.links().first(where: { $0.name == "eth0" }) else { return }
            try socket.removeAddress(Address4(index: link.index, address: end.address, prefix: end.prefix))
        }
        #expect(try !runtime.repair().isEmpty)
        #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"))
    }

    /// What others may do, by name.
    private func harms(_ lab: Lab, _ network: NetworkRecord, _ veth: String) -> [(String, () throws -> Void)] {
        let bridge = network.bridge
        let table = "inet gantry_\(lab.engine)"
        return [
            ("veth deleted", { try lab.change(in: lab.host) { socket throws(SyscallError) in try socket.deleteLink(veth) } }),
            ("bridge deleted", { try lab.change(in: lab.host) { socket throws(SyscallError) in try socket.deleteLink(bridge) } }),
            ("bridge down", { try lab.on(bridge) { socket, link throws(SyscallError) in try socket.setUp(link.index, false) } }),
            ("veth down", { try lab.on(veth) { socket, link throws(SyscallError) in try socket.setUp(link.index, false) } }),
            ("veth out of the bridge", { try lab.on(veth) { socket, link throws(SyscallError) in try socket.setMaster(link.index, 0) } }),
            (
                "address removed",
                {
                    try lab.on(bridge) { socket, link throws(SyscallError) in
                        try socket.removeAddress(Address4(index: link.index, address: network.gateway, prefix: network.subnet.prefix))
                    }
                }
            ), ("table deleted", { _ = try lab.nft("delete table \(table)") }), ("chain flushed", { _ = try lab.nft("flush chain \(table) prerouting") }),
            ("ports flushed", { _ = try lab.nft("flush map \(table) ports") }), ("all rules flushed", { _ = try lab.nft("flush ruleset") }),
            ("forwarding off", { try lab.write("ip_forward", "0", in: lab.host) }),
        ]
    }

    @Test("a change by others is told")
    func notices() async throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        let network = try runtime.create(NetworkRequest(id: "net"))
        let told = Task { for await _ in runtime.runtime.changes() { if try lab.links().isEmpty { return true } }; return false }
        try lab.change(in: lab.host) { socket throws(SyscallError) in try socket.deleteLink(network.bridge) }
        let limit = Task { try await Task.sleep(for: .seconds(20)); told.cancel() }
        #expect(try await told.value)
        limit.cancel()
    }

    @Test("a new process adopts: traffic goes on, nothing is allocated twice, names are served again")
    func adoption() throws {
        let lab = try Lab()
        let port = PublishedPort(hostPort: 8080, containerPort: 80)
        var first: LabEngine? = try lab.runtime()
        try first?.create(NetworkRequest(id: "net"))
        let made = try #require(try first?.attach("c", "net", [port], name: "web"))
        try lab.serveWeb(in: made.namespace, "hello")
        first = nil
        #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"))
        // The threads of the first one end in their time, and with them what held the port.
        let second = try lab.runtime()
        #expect(try second.repair() == [])
        #expect(second.runtime.attachment("c") == made)
        let other = try second.attach("d", "net")
        #expect(other.endpoints[0].address != made.endpoints[0].address)
        second.runtime.setReady("c", true)
        #expect(try eventually { try lab.lookUp("web", in: made.namespace) == made.endpoints[0].address })
        for id in ["c", "d"] { try second.detach(id) }
        try second.remove("net")
        #expect(try lab.leftovers(second).filter { !$0.hasPrefix("c") } == [])
    }

    @Test("a record that cannot be read is put aside and reported, and nothing is swept away")
    func damagedRecord() throws {
        let lab = try Lab()
        var first: LabEngine? = try lab.runtime()
        try first?.create(NetworkRequest(id: "net"))
        try first?.attach("c", "net")
        first = nil
        try lab.scratch.write("root/attachments/c.json", "{")
        let before = try lab.links()
        let second = try lab.runtime()
        _ = try second.repair()
        #expect(try lab.links() == before)
        #expect(second.runtime.notes().contains { $0.contains("c.json.damaged") })
    }

    @Test("a port that a program or another container has is refused with its holder, and nothing changes")
    func takenPort() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "net"))
        let port = PublishedPort(hostPort: 8080, containerPort: 80)
        try runtime.attach("c", "net", [port])
        let links = try lab.links()
        #expect(try runtime.portConflicts([port], ignoring: []) == [PortConflict(port: port, holder: .container("c"))])
        #expect(try runtime.portConflicts([port], ignoring: ["c"]) == [])
        #expect(throws: NetworkError.self) { try runtime.attach("d", "net", [port]) }
        try lab.serveWeb(in: lab.host, port: 9090, "taken")
        #expect(try lab.reaches(from: lab.host, "127.0.0.1", 9090, says: "taken"))
        let request = AttachRequest(container: "e", endpoints: [endpoint("net", "e")], ports: [PublishedPort(hostPort: 9090, containerPort: 80)])
        #expect(throws: NetworkError.self) { try runtime.attach(request) }
        #expect(try lab.links() == links)
        #expect(runtime.runtime.attachment("e") == nil)
        // A port that was let go can be taken at once.
        for _ in 0..<5 {
            try runtime.detach("c")
            try runtime.attach("c", "net", [port])
        }
    }

    @Test("many containers side by side get addresses of their own")
    func sideBySide() async throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "net"))
        let clock = ContinuousClock()
        let start = clock.now
        let made = try await withThrowingTaskGroup(of: Attachment.self) { group in
            for number in 0..<50 {
                group.addTask { try runtime.attach(AttachRequest(container: "c\(number)", endpoints: [.init(network: "net", names: ["c"])])) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        print("50 attachments: \(clock.now - start)")
        #expect(Set(made.map(\.endpoints[0].address)).count == 50)
        #expect(try runtime.inspect().containers.values.allSatisfy { $0.isEmpty })
        let middle = clock.now
        for attachment in made { try runtime.detach(attachment.container) }
        print("50 detachments: \(clock.now - middle)")
        try runtime.remove("net")
        #expect(try lab.leftovers(runtime) == [])
    }

    @Test("two engines on one host share nothing")
    func twoEngines() throws {
        let lab = try Lab()
        let (one, two) = (try lab.runtime("1"), try lab.runtime("2", engine: "deadbeef"))
        let first = try one.create(NetworkRequest(id: "net"))
        let second = try two.create(NetworkRequest(id: "net"))
        #expect(first.bridge != second.bridge)
        #expect(!first.subnet.overlaps(second.subnet))
        let left = try one.attach("c", "net")
        let right = try two.attach("c", "net")
        try lab.serveWeb(in: left.namespace, "left")
        #expect(try lab.reaches(from: left.namespace, "\(left.endpoints[0].address)", says: "left"))
        #expect(try lab.fetch(from: right.namespace, "\(left.endpoints[0].address)") == nil)
        try two.detach("c")
        try two.remove("net")
        two.runtime.settle()
        try one.repair()
        #expect(try one.inspect().networks["net"] == [])
        #expect(try lab.links() == [first.bridge, left.endpoints[0].veth].sorted())
        try one.detach("c")
        try one.remove("net")
    }
}
