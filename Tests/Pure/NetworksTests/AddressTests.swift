import Linux
import Testing

@testable import Networks

struct AddressTests {
    private func subnet(_ text: String) throws -> Subnet4 { try #require(Subnet4(text)) }

    @Test("subnets avoid what is in use, whatever its size")
    func subnets() throws {
        #expect(AddressPool.subnet(avoiding: [])?.description == "10.208.0.0/22")
        #expect(AddressPool.subnet(avoiding: [try subnet("10.208.0.0/22")])?.description == "10.208.4.0/22")
        #expect(AddressPool.subnet(avoiding: [try subnet("10.208.1.7/32"), try subnet("10.208.4.0/30")])?.description == "10.208.8.0/22")
        #expect(AddressPool.subnet(avoiding: [try subnet("10.208.0.0/16")])?.description == "10.209.0.0/22")
        #expect(AddressPool.subnet(avoiding: [try subnet("10.0.0.0/8")]) == nil)
        #expect(AddressPool.subnet(avoiding: [try subnet("192.168.0.0/16")])?.description == "10.208.0.0/22")
    }

    @Test("the pool is given to its end, and no further")
    func wholePool() throws {
        let used = [try subnet("10.208.0.0/13"), try subnet("10.216.0.0/14"), try subnet("10.220.0.0/15"), try subnet("10.222.0.0/16")]
        #expect(AddressPool.subnet(avoiding: used)?.description == "10.223.0.0/22")
        let most = used + [try subnet("10.223.0.0/17"), try subnet("10.223.128.0/18"), try subnet("10.223.192.0/19"), try subnet("10.223.224.0/20")]
        #expect(AddressPool.subnet(avoiding: most + [try subnet("10.223.240.0/21"), try subnet("10.223.248.0/22")])?.description == "10.223.252.0/22")
        #expect(AddressPool.subnet(avoiding: most + [try subnet("10.223.240.0/20")]) == nil)
    }

    @Test("addresses are the first free ones, without the network's own, the gateway, the reserved and the last")
    func addresses() throws {
        var network = NetworkRecord(
            id: "n", bridge: "b", subnet: try subnet("10.0.0.0/29"), gateway: IPv4(10 << 24 | 1), isInternal: false, range: nil,
            reserved: [IPv4(10 << 24 | 3)], mtu: nil)
        var taken: Set<IPv4> = []
        while let next = AddressPool.address(in: network, taken: taken) { taken.insert(next) }
        #expect(taken.sorted().map(\.description) == ["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6"])
        network.range = try subnet("10.0.0.4/31")
        #expect(AddressPool.address(in: network, taken: [])?.description == "10.0.0.4")
        #expect(AddressPool.address(in: network, taken: [IPv4(10 << 24 | 4), IPv4(10 << 24 | 5)]) == nil)
    }

    @Test("names of links fit the kernel and differ between engines, networks and containers")
    func naming() {
        let (one, two) = (Naming(engine: "1a2b3c4d"), Naming(engine: "1a2b3c4e"))
        let names =
            [one.bridge("web"), two.bridge("web"), one.bridge("db")]
            + [one.veth("c", "web"), one.veth("d", "web"), one.veth("c", "db"), two.veth("c", "web")]
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.utf8.count <= 15 })
        #expect(one.bridge("web").hasPrefix(one.bridgePrefix))
        #expect(one.owns(alias: one.alias("web")))
        #expect(!one.owns(alias: two.alias("web")))
        #expect(!one.owns(alias: nil))
        #expect(!one.owns(alias: "gantry_1a2b3c4d1 web"))
    }

    @Test(
        "MAC addresses are read and made",
        arguments: [
            ("02:42:0a:d0:00:02", true), ("2:42:a:d0:0:2", true), ("02-42-0a-d0-00-02", false), ("02:42:0a:d0:00", false),
            ("02:42:0a:d0:00:0g", false), ("", false),
        ])
    func mac(text: String, isGood: Bool) {
        #expect((Naming.bytes(mac: text) == [2, 0x42, 10, 208, 0, 2]) == isGood)
        #expect(Naming.mac(IPv4(10 << 24 | 208 << 16 | 2)) == "02:42:0a:d0:00:02")
    }

    @Test("a host address of zeros is every address")
    func everyAddress() {
        #expect(PublishedPort(hostIP: "0.0.0.0", hostPort: 1, containerPort: 1) == PublishedPort(hostPort: 1, containerPort: 1))
        #expect(PublishedPort(hostIP: "127.0.0.1", hostPort: 1, containerPort: 1).hostIP == "127.0.0.1")
    }
}
