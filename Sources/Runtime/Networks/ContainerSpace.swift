import Linux
import Netlink
import Nftables

/// A container's network namespace, seen from inside through sockets that were made there.
struct ContainerSpace: Sendable {
    /// The address of the name server in every container, as people know it from Docker.
    static let resolver = "127.0.0.11"
    let netlink: NetlinkSocket
    let names: NameServer.Sockets

    /// Opens what is needed inside the namespace pinned at `path`.
    init(path: String) throws(NetworkError) {
        let made = try doing("enter the network of the container") { () throws(SyscallError) in
            try Namespace.inNetwork(path) { () throws(SyscallError) -> Made in
                let netlink = try NetlinkSocket()
                // The loopback interface is the first of every namespace.
                try netlink.setUp(1)
                let address = IPv4(127 << 24 | 11)
                let udp = SharedFD(try Socket.bound(.datagram, Socket.Endpoint(address, 0)).take())
                let tcp = SharedFD(try Socket.bound(.stream, Socket.Endpoint(address, 0)).take())
                let rules = Self.rules(udp: try Socket.port(of: udp.raw), tcp: try Socket.port(of: tcp.raw))
                var problem: RulesetError?
                do throws(RulesetError) { try Ruleset().run(rules) } catch { problem = error }
                return Made(netlink: netlink, names: .init(udp: udp, tcp: tcp), problem: problem)
            }
        }
        if let problem = made.problem { throw NetworkError(.system, "set up names in the container", cause: problem.description) }
        netlink = made.netlink
        names = made.names
    }

    private struct Made: Sendable {
        var netlink: NetlinkSocket
        var names: NameServer.Sockets
        var problem: RulesetError?
    }

    /// Our sockets have ports of their own, so that a container may run a name server on port 53 itself.
    private static func rules(udp: UInt16, tcp: UInt16) -> String {
        """
        add table ip gantry_names
        delete table ip gantry_names
        table ip gantry_names {
            chain output {
                type nat hook output priority -100; policy accept;
                ip daddr \(resolver) udp dport 53 dnat to \(resolver):\(udp)
                ip daddr \(resolver) tcp dport 53 dnat to \(resolver):\(tcp)
            }
        }

        """
    }
}
