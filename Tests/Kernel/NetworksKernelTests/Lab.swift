import Linux
import Netlink
import Networks
import Nftables
import TestSupport

/// A host of the test's own: a network namespace with an engine in it, and a second one that plays another machine beside it. The
/// machine that the tests run on is not touched.
final class Lab: Sendable {
    /// What the tests need; where it is missing they are skipped.
    static var isPossible: Bool { Machine.isRoot }
    static let outside = IPv4(198 << 24 | 51 << 16 | 100 << 8 | 2)
    static let uplink = IPv4(198 << 24 | 51 << 16 | 100 << 8 | 1)

    let scratch = Scratch("networks")
    let engine = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
    var host: String { "\(scratch.path)/host" }
    var other: String { "\(scratch.path)/other" }
    private let services = Services()

    init() throws {
        try Namespace.pinNetwork(at: host)
        try Namespace.pinNetwork(at: other)
        let other = other
        let far = try Namespace.inNetwork(other) { () throws(SyscallError) in try NetlinkSocket() }
        try Namespace.inNetwork(host) { () throws(SyscallError) in
            let near = try NetlinkSocket()
            try near.setUp(1)
            try far.setUp(1)
            let namespace = try File.open(other)
            let pair = VethPair(
                name: "up0", alias: "lab", master: 0, mtu: nil, peerName: "up1", peerMAC: [2, 0, 0, 0, 0, 2], peerNamespace: namespace.raw)
            try near.addVeth(pair)
            for (socket, name, address) in [(near, "up0", Self.uplink), (far, "up1", Self.outside)] {
                guard let link = try socket.links().first(where: { $0.name == name }) else { continue }
                let way = name == "up0" ? [Route4(destination: Subnet4(IPv4(0), prefix: 0), gateway: Self.outside, index: link.index)] : []
                try socket.configure(link.index, addresses: [.init(index: link.index, address: address, prefix: 24)], routes: way)
            }
        }
    }

    deinit {
        services.end()
        for path in [host, other] { try? Namespace.unpin(path) }
        for name in (try? File.list("\(scratch.path)/run/netns")) ?? [] { try? Namespace.unpin("\(scratch.path)/run/netns/\(name)") }
    }

    func onHost<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        try Namespace.inNetwork(host) { () throws(SyscallError) in Result { try body() } }.get()
    }

    /// A runtime whose sockets are in the lab's host; `name` tells engines' folders apart.
    func runtime(_ name: String = "", engine: String? = nil) throws -> LabEngine {
        let (root, run, id) = ("\(scratch.path)/root\(name)", "\(scratch.path)/run\(name)", engine ?? self.engine)
        return LabEngine(self, try onHost { try NetworkRuntime(root: root, run: run, engine: id) })
    }

    // MARK: traffic

    /// A web server that answers with `text` until the lab ends.
    func serveWeb(in namespace: String, port: Int = 80, _ text: String) throws { try services.add(.stream, namespace, port, text) }

    /// A UDP service that answers each datagram with `text`.
    func serveDatagrams(in namespace: String, port: Int, _ text: String) throws { try services.add(.datagram, namespace, port, text) }

    /// What a service answers; nil when it does not.
    func fetch(from namespace: String, _ address: String, _ port: Int = 80, _ kind: Socket.Kind = .stream) throws -> String? {
        try Namespace.inNetwork(namespace) { () throws(SyscallError) in Exchange.ask(kind, address, port) }
    }

    /// A datagram socket inside a namespace, for several questions in one flow.
    func client(in namespace: String, to address: IPv4, _ port: UInt16) throws -> SharedFD {
        try Namespace.inNetwork(namespace) { () throws(SyscallError) in
            let fd = try Socket.make(.datagram, isV6: false)
            try Socket.connect(fd.raw, to: Socket.Endpoint(address, port))
            return SharedFD(fd.take())
        }
    }

    /// Whether the answer is `text`, now or soon: the network settles in its own time.
    func reaches(from namespace: String, _ address: String, _ port: Int = 80, _ kind: Socket.Kind = .stream, says text: String) throws -> Bool {
        try eventually(8) { try fetch(from: namespace, address, port, kind) == text }
    }

    // MARK: changes by others

    func nft(_ text: String) throws -> String { try onHost { try Ruleset().run(text + "\n") } }

    func change(in namespace: String, _ body: @escaping @Sendable (NetlinkSocket) throws(SyscallError) -> Void) throws {
        try Namespace.inNetwork(namespace) { () throws(SyscallError) in try body(NetlinkSocket()) }
    }

    func on(_ link: String, _ body: @escaping @Sendable (NetlinkSocket, Link) throws(SyscallError) -> Void) throws {
        try change(in: host) { socket throws(SyscallError) in
            if let link = try socket.links().first(where: { $0.name == link }) { try body(socket, link) }
        }
    }

    /// What the name server says inside a container.
    func lookUp(_ name: String, in namespace: String) throws -> IPv4? {
        let question: [UInt8] = [7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 1, 0, 1]
        let answer = try Namespace.inNetwork(namespace) { () throws(SyscallError) in Exchange.ask(question, IPv4(127 << 24 | 11), 53) }
        return answer.flatMap { $0.count > question.count ? IPv4(bytes: $0.suffix(4)) : nil }
    }

    func write(_ setting: String, _ value: String, in namespace: String) throws {
        try Namespace.inNetwork(namespace) { () throws(SyscallError) in try File.writeText("/proc/sys/net/ipv4/\(setting)", value) }
    }

    /// Links on the lab's host that are not its own.
    func links() throws -> [String] {
        try onHost { try NetlinkSocket().links().map(\.name).filter { !["lo", "up0"].contains($0) }.sorted() }
    }

    /// What of the engine is left on the host.
    func leftovers(_ engine: LabEngine) throws -> [String] {
        _ = try eventually { engine.runtime.settle(); return try links().isEmpty }
        let pins = (try? File.list("\(scratch.path)/run/netns")) ?? []
        let records = ["networks", "attachments"].flatMap { (try? File.list("\(scratch.path)/root/\($0)")) ?? [] }
        let tables = try nft("list tables").split(separator: "\n").map(String.init).filter { $0.contains("gantry") }
        return try links() + pins + records + tables
    }
}
