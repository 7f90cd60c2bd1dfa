import Linux
import Netlink
import Networks
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Lab.isPossible, "needs root"))
struct TrafficTests {
    private static let loopback = IPv4(127 << 24 | 1)

    @Test("containers of a network reach each other, those of another network do not, and all reach the outside")
    func isolation() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        for id in ["red", "blue"] { try runtime.create(NetworkRequest(id: id)) }
        let red = try runtime.attach("r1", "red")
        let peer = try runtime.attach("r2", "red")
        let blue = try runtime.attach("b1", "blue")
        try lab.serveWeb(in: red.namespace, "red")
        try lab.serveWeb(in: lab.other, "outside")
        let address = "\(red.endpoints[0].address)"
        #expect(try lab.reaches(from: peer.namespace, address, says: "red"))
        #expect(try lab.reaches(from: red.namespace, "127.0.0.1", says: "red"))
        #expect(try lab.fetch(from: blue.namespace, address) == nil)
        #expect(try lab.reaches(from: blue.namespace, "\(Lab.outside)", says: "outside"))
        #expect(try runtime.inspect() == observation(["red": ["r1", "r2"], "blue": ["b1"]]))
    }

    private func observation(_ users: [String: [String]]) -> NetworkObservation {
        var expected = NetworkObservation()
        expected.networks = users.mapValues { _ in [] }
        for container in users.values.flatMap({ $0 }) { expected.containers[container] = [] }
        expected.users = users
        return expected
    }

    @Test("an internal network has no way out, and its containers still reach each other")
    func internalNetwork() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "back", isInternal: true))
        let one = try runtime.attach("one", "back")
        let two = try runtime.attach("two", "back")
        try lab.serveWeb(in: one.namespace, "inner")
        try lab.serveWeb(in: lab.other, "outside")
        #expect(try lab.reaches(from: lab.host, "\(Lab.outside)", says: "outside"))
        #expect(try lab.reaches(from: two.namespace, "\(one.endpoints[0].address)", says: "inner"))
        #expect(try lab.fetch(from: two.namespace, "\(Lab.outside)") == nil)
        // Not even with a route of its own making.
        let way = Route4(destination: Subnet4(IPv4(0), prefix: 0), gateway: runtime.runtime.list()[0].gateway)
        try lab.change(in: two.namespace) { socket throws(SyscallError) in try socket.addRoute(way) }
        #expect(try lab.fetch(from: two.namespace, "\(Lab.outside)") == nil)
    }

    @Test("a published port is reached from other hosts, from the host itself, from 127.0.0.1, from ::1, from other networks and from the container itself")
    func publishedPort() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        for id in ["web", "far"] { try runtime.create(NetworkRequest(id: id)) }
        let port = PublishedPort(hostPort: 8080, containerPort: 80)
        let server = try runtime.attach("s", "web", [port])
        let near = try runtime.attach("n", "web")
        let far = try runtime.attach("f", "far")
        try lab.serveWeb(in: server.namespace, "hello")
        #expect(server.ports == [port])
        #expect(try lab.reaches(from: lab.host, "127.0.0.1", 8080, says: "hello"))
        #expect(try lab.reaches(from: lab.host, "\(Lab.uplink)", 8080, says: "hello"))
        #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"))
        #expect(try lab.reaches(from: lab.host, "::1", 8080, says: "hello"))
        for namespace in [near.namespace, far.namespace, server.namespace] {
            #expect(try lab.reaches(from: namespace, "\(Lab.uplink)", 8080, says: "hello"), "from \(namespace)")
        }
        // The container sees who asks, and other hosts reach nothing but the published port.
        let way = Route4(destination: Subnet4(IPv4(10 << 24), prefix: 8), gateway: Lab.uplink)
        try lab.change(in: lab.other) { socket throws(SyscallError) in try socket.addRoute(way) }
        #expect(try lab.fetch(from: lab.other, "\(server.endpoints[0].address)") == nil)
    }

    @Test("a port published on 127.0.0.1 is not reached from another host that sends there on purpose")
    func loopbackOnly() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "web"))
        let port = PublishedPort(hostIP: "127.0.0.1", hostPort: 8081, containerPort: 80)
        let server = try runtime.attach("s", "web", [port])
        try lab.serveWeb(in: server.namespace, "private")
        #expect(try lab.reaches(from: lab.host, "127.0.0.1", 8081, says: "private"))
        #expect(try lab.fetch(from: lab.other, "\(Lab.uplink)", 8081) == nil)
        // Its own loopback address leads to the wire: what another machine beside this one can do.
        try lab.change(in: lab.other) { socket throws(SyscallError) in
            try socket.removeAddress(Address4(index: 1, address: Self.loopback, prefix: 8))
            let uplink = try socket.links().first { $0.name == "up1" }?.index
            try socket.addRoute(Route4(destination: Subnet4(Self.loopback, prefix: 32), gateway: Lab.uplink, index: uplink))
        }
        try lab.write("conf/all/route_localnet", "1", in: lab.other)
        #expect(try lab.fetch(from: lab.other, "127.0.0.1", 8081) == nil)
        #expect(try lab.fetch(from: lab.host, "127.0.0.1", 8081) == "private")
    }

    @Test("datagrams reach a published port")
    func datagrams() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "web"))
        let port = PublishedPort(hostPort: 5353, containerPort: 53, proto: .udp)
        let server = try runtime.attach("s", "web", [port])
        try lab.serveDatagrams(in: server.namespace, port: 53, "pong")
        for (from, address) in [(lab.host, "127.0.0.1"), (lab.other, "\(Lab.uplink)")] {
            #expect(try lab.reaches(from: from, address, 5353, .datagram, says: "pong"), "from \(address)")
        }
    }

    @Test("datagrams that never pause go to the new container when the old one is replaced")
    func steadyDatagrams() throws {
        let lab = try Lab()
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "web"))
        let port = PublishedPort(hostPort: 5353, containerPort: 53, proto: .udp)
        let client = try lab.client(in: lab.other, to: Lab.uplink, 5353)
        let old = try runtime.attach("old", "web", [port])
        try lab.serveDatagrams(in: old.namespace, port: 53, "old")
        #expect(eventually(8) { Exchange.ask(client.raw) == "old" })
        try runtime.detach("old")
        // Nobody is there: the kernel remembers that too.
        for _ in 0..<3 { #expect(Exchange.ask(client.raw, milliseconds: 50) != "new") }
        try runtime.attach("other", "web")
        let new = try runtime.attach("new", "web", [port])
        #expect(new.endpoints[0].address != old.endpoints[0].address)
        try lab.serveDatagrams(in: new.namespace, port: 53, "new")
        #expect(eventually(8) { Exchange.ask(client.raw, milliseconds: 50) == "new" })
    }

    @Test("beside a firewall like Docker's traffic passes, Docker's networks stay closed to ours, and its chain is as before in the end")
    func besideDocker() throws {
        let lab = try Lab()
        let rules = """
            table ip filter {
                chain DOCKER-USER { counter return; }
                chain FORWARD { type filter hook forward priority 0; policy drop; jump DOCKER-USER; }
            }
            """
        _ = try lab.nft(rules)
        let runtime = try lab.runtime()
        try runtime.create(NetworkRequest(id: "web"))
        let port = PublishedPort(hostPort: 8080, containerPort: 80)
        let server = try runtime.attach("s", "web", [port])
        try lab.serveWeb(in: server.namespace, "hello")
        try lab.serveWeb(in: lab.other, "outside")
        #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"))
        #expect(try lab.reaches(from: server.namespace, "\(Lab.outside)", says: "outside"))
        #expect(runtime.runtime.notes().isEmpty)
        // In front of them all: towards Docker's own networks Docker decides.
        let chain = try lab.nft("list chain ip filter DOCKER-USER").split(separator: "\n").filter { $0.contains("gantry") }
        #expect(chain.map { $0.contains("accept") } == [true, true, false, false, true], "\(chain)")
        // Docker was reinstalled: its chain is empty again.
        _ = try lab.nft("flush chain ip filter DOCKER-USER")
        #expect(try eventually { try runtime.inspect().networks["web"] == ["Docker's rules do not let our networks pass"] })
        #expect(try runtime.repair() == ["Docker's rules do not let our networks pass"])
        #expect(try lab.reaches(from: lab.other, "\(Lab.uplink)", 8080, says: "hello"))
        try runtime.detach("s")
        try runtime.remove("web")
        #expect(try !lab.nft("list table ip filter").contains("gantry"))
    }
}
