import FoundationEssentials
import Linux
import Testing

@testable import Networks

struct LayoutTests {
    private func subnet(_ text: String) throws -> Subnet4 { try #require(Subnet4(text)) }
    private func ip(_ text: String) throws -> IPv4 { try #require(IPv4(text)) }

    private func network(_ id: String, _ text: String, isInternal: Bool = false) throws -> NetworkRecord {
        let subnet = try subnet(text)
        return NetworkRecord(
            id: id, bridge: "br-\(id)", subnet: subnet, gateway: IPv4(subnet.base.value + 1), isInternal: isInternal, range: nil, reserved: [], mtu: nil)
    }

    private func layout() throws -> NetworkLayout {
        let ports = [
            PublishedPort(hostPort: 8080, containerPort: 80), PublishedPort(hostIP: "127.0.0.1", hostPort: 5353, containerPort: 53, proto: .udp),
            PublishedPort(hostIP: "::1", hostPort: 9, containerPort: 9),
        ]
        let front = Attachment.Endpoint(
            network: "front", names: ["web"], interface: "eth0", address: try ip("10.1.0.2"), prefix: 24, mac: "", veth: "v1", gateway: try ip("10.1.0.1"))
        let back = Attachment.Endpoint(
            network: "back", names: ["web"], interface: "eth1", address: try ip("10.2.0.2"), prefix: 24, mac: "", veth: "v2", gateway: nil)
        return NetworkLayout(
            naming: Naming(engine: "1a2b3c4d"),
            networks: ["front": try network("front", "10.1.0.0/24"), "back": try network("back", "10.2.0.0/24", isInternal: true)],
            attachments: ["c": Attachment(container: "c", namespace: "/n", endpoints: [front, back], ports: ports)])
    }

    @Test("networks and ports become elements of sets and maps")
    func elements() throws {
        #expect(
            try layout().elements == [
                "bridges": ["\"br-back\"", "\"br-front\""], "internal": ["\"br-back\""],
                "same": ["\"br-back\" . \"br-back\"", "\"br-front\" . \"br-front\""], "selves": ["10.1.0.2 . 10.1.0.2"], "subnets": ["10.1.0.0/24"],
                "ports": ["tcp . 8080 : 10.1.0.2 . 80"], "ports_at": ["127.0.0.1 . udp . 5353 : 10.1.0.2 . 53"],
            ])
        #expect(try layout().linkNames == ["br-front", "br-back", "v1", "v2"])
    }

    @Test("ports of a container without a way out lead nowhere")
    func noTarget() throws {
        var layout = try layout()
        layout.attachments["c"]?.endpoints.removeFirst()
        #expect(layout.elements["ports"] == [])
        #expect(layout.elements["selves"] == [])
    }

    @Test("the table has the chains and rules that drift is measured by")
    func table() throws {
        let text = try layout().table
        var counts: [String: Int] = [:]
        var chain: String?
        for line in text.split(separator: "\n").map({ $0.split(separator: " ") }) {
            if line.first == "chain" { chain = String(line[1]) }
            if line == ["}"] { chain = nil }
            if let chain, !["chain", "type"].contains(line.first) { counts[chain, default: 0] += 1 }
        }
        #expect(counts == NetworkLayout.chains)
        #expect(text.hasPrefix("add table inet gantry_1a2b3c4d\ndelete table inet gantry_1a2b3c4d\n"))
        // What protects comes before what lets through.
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        let drop = try #require(lines.firstIndex(of: "iifname @internal drop"))
        let pass = try #require(lines.firstIndex(of: "ct status dnat accept"))
        #expect(drop < pass)
        #expect(lines[pass + 1] == "oifname @bridges drop")
    }

    @Test("a listing is compared with the layout, element by element")
    func listing() throws {
        let layout = try layout()
        let json = """
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "t", "handle": 1}},
            {"set": {"name": "bridges", "elem": ["br-front", "br-back"]}}, {"set": {"name": "internal", "elem": ["br-back"]}},
            {"set": {"name": "same", "elem": [{"concat": ["br-front", "br-front"]}, {"concat": ["br-back", "br-back"]}]}},
            {"set": {"name": "selves", "elem": [{"concat": ["10.1.0.2", "10.1.0.2"]}]}},
            {"set": {"name": "subnets", "elem": [{"prefix": {"addr": "10.1.0.0", "len": 24}}]}},
            {"map": {"name": "ports", "elem": [[{"concat": ["tcp", 8080]}, {"concat": ["10.1.0.2", 80]}]]}},
            {"map": {"name": "ports_at", "elem": [
            [{"concat": ["127.0.0.1", "udp", 5353]}, {"concat": ["10.1.0.2", 53]}], [{"concat": ["127.0.0.1", "udp", 1]}, {"concat": ["10.1.0.2", 1]}]]}},
            \(NetworkLayout.chains.map { name, count in
                (["{\"chain\": {\"name\": \"\(name)\"}}"] + (0..<count).map { _ in "{\"rule\": {\"chain\": \"\(name)\"}}" }).joined(separator: ", ")
            }.joined(separator: ", "))]}
            """
        let listing = try #require(RuleListing(json: json))
        #expect(listing.drift(from: layout) == ["ports_at of the rule table has 1 entries that are not ours"])
        var more = layout
        more.attachments["c"]?.ports.append(PublishedPort(hostPort: 8081, containerPort: 80))
        #expect(listing.drift(from: more).contains("1 of 2 entries of ports are missing from the rule table"))
        #expect(RuleListing(json: "{") == nil)
    }
}
