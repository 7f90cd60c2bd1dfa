import Linux
import TestSupport
import Testing

@testable import Netlink

/// Two network namespaces of the test's own.
private final class Pair: Sendable {
    let scratch = Scratch("netlink")
    let near: NetlinkSocket
    let far: NetlinkSocket
    var farPath: String { "\(scratch.path)/far" }

    init() throws {
        let paths = ["\(scratch.path)/near", "\(scratch.path)/far"]
        for path in paths { try Namespace.pinNetwork(at: path) }
        near = try Namespace.inNetwork(paths[0]) { () throws(SyscallError) in try NetlinkSocket() }
        far = try Namespace.inNetwork(paths[1]) { () throws(SyscallError) in try NetlinkSocket() }
    }

    deinit { for name in ["near", "far"] { try? Namespace.unpin("\(scratch.path)/\(name)") } }

    func notices() throws -> NetworkNotices { try Namespace.inNetwork("\(scratch.path)/near") { () throws(SyscallError) in try NetworkNotices() } }

    func plug(_ bridge: Int32) throws {
        let namespace = try File.open(farPath)
        try near.addVeth(
            VethPair(
                name: "v0", alias: "mine c", master: bridge, mtu: 1300, peerName: "eth0", peerMAC: [2, 1, 2, 3, 4, 5], peerNamespace: namespace.raw,
                isHairpin: true))
    }
}

@Suite(.serialized, .enabled(if: Machine.isRoot, "needs root"))
struct LinkTests {
    private func link(_ socket: NetlinkSocket, _ name: String) throws -> Link { try #require(try socket.links().first { $0.name == name }) }

    @Test("a bridge and a pair whose other end is in another namespace are made as asked")
    func veth() throws {
        let pair = try Pair()
        try pair.near.addBridge("b0", alias: "mine b", mtu: 1400)
        let bridge = try link(pair.near, "b0")
        #expect(bridge.isUp && bridge.kind == "bridge" && bridge.alias == "mine b" && bridge.mtu == 1400)
        try pair.plug(bridge.index)
        let (outer, inner) = (try link(pair.near, "v0"), try link(pair.far, "eth0"))
        #expect(outer.isUp && outer.master == bridge.index && outer.alias == "mine c" && outer.kind == "veth")
        #expect(inner.mac == [2, 1, 2, 3, 4, 5] && inner.mtu == 1300 && !inner.isUp)
        try pair.near.setMaster(outer.index, 0)
        #expect(try link(pair.near, "v0").master == nil)
        try pair.near.setMaster(outer.index, bridge.index)
        try pair.near.setHairpin(outer.index)
        try pair.near.setUp(outer.index, false)
        #expect(try !link(pair.near, "v0").isUp)
        try pair.near.deleteLink("v0")
        try pair.near.deleteLink("v0")
        #expect(try pair.far.links().map(\.name) == ["lo"])
    }

    @Test("addresses and routes are set twice without harm, listed, and removed twice without harm")
    func addresses() throws {
        let pair = try Pair()
        try pair.near.addBridge("b0", alias: "mine", mtu: nil)
        let index = try link(pair.near, "b0").index
        let address = Address4(index: index, address: IPv4(10 << 24 | 1), prefix: 24)
        let route = Route4(destination: Subnet4(IPv4(0), prefix: 0), gateway: IPv4(10 << 24 | 2), index: index)
        for _ in 0..<2 { try pair.near.configure(index, addresses: [address], routes: [route]) }
        #expect(try pair.near.addresses() == [address])
        #expect(try Set(pair.near.routes()) == [route, Route4(destination: Subnet4(address.address, prefix: 24), index: index)])
        for _ in 0..<2 { try pair.near.removeRoute(route) }
        for _ in 0..<2 { try pair.near.removeAddress(address) }
        #expect(try pair.near.addresses().isEmpty)
        #expect(try pair.near.routes().isEmpty)
    }

    @Test("the kernel's refusal is thrown with its number and what it is about, and the socket goes on")
    func errors() throws {
        let pair = try Pair()
        try pair.near.addBridge("b0", alias: "mine", mtu: nil)
        let error = #expect(throws: SyscallError.self) { try pair.near.addBridge("b0", alias: "mine", mtu: nil) }
        #expect(error?.name == "EEXIST")
        #expect(error?.subject.hasPrefix("bridge b0") == true)
        #expect(throws: SyscallError.self) { try pair.near.setUp(9999) }
        #expect(throws: SyscallError.self) {
            try pair.near.addRoute(Route4(destination: Subnet4(IPv4(0), prefix: 0), gateway: IPv4(10 << 24 | 9)))
        }
        #expect(try link(pair.near, "b0").isUp)
    }

    @Test("a list longer than one read is whole")
    func longDump() throws {
        let pair = try Pair()
        for number in 0..<60 { try pair.near.addBridge("b\(number)", alias: String(repeating: "a", count: 250), mtu: nil) }
        #expect(try pair.near.links().count == 61)
    }

    @Test("requests of many threads are answered each with its own")
    func threads() async throws {
        let pair = try Pair()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    try pair.near.addBridge("t\(number)", alias: "mine", mtu: nil)
                    let found = try pair.near.links().first { $0.name == "t\(number)" }
                    #expect(found?.alias == "mine")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("changes are noticed, and silence is silence")
    func notices() throws {
        let pair = try Pair()
        let notices = try pair.notices()
        while notices.wait(timeout: 50) {}
        #expect(!notices.wait(timeout: 10))
        try pair.near.addBridge("b0", alias: "mine", mtu: nil)
        #expect(notices.wait(timeout: 10_000))
    }
}
