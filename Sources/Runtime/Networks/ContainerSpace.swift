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
                let udp = try Self.bound(.datagram)
                let tcp = try Self.bound(.stream)
                let ports = (udp: try Socket.port(of: udp.raw), tcp: try Socket.port(of: tcp.raw))
                var problem: RulesetError?
                do throws(RulesetError) { try Self.lead(Ruleset(), to: ports) } catch { problem = error }
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

    /// The same port in every container, so that an adopted one has its rules already; any other where a program of the container's
    /// has it.
    private static func bound(_ kind: Socket.Kind) throws(SyscallError) -> SharedFD {
        let address = IPv4(127 << 24 | 11)
        do throws(SyscallError) {
            return SharedFD(try Socket.bound(kind, Socket.Endpoint(address, 61053)).take())
        } catch {
            return SharedFD(try Socket.bound(kind, Socket.Endpoint(address, 0)).take())
        }
    }

    /// Removing rules makes the kernel wait 15 ms for all its readers: they are only written where they are not there yet.
    private static func lead(_ rules: Ruleset, to ports: (udp: UInt16, tcp: UInt16)) throws(RulesetError) {
        let wanted = Self.rules(ports)
        guard let found = try? rules.run("list table ip gantry_names\n") else {
            try rules.run(wanted)
            return
        }
        if found.contains("udp dport set \(ports.udp)\n"), found.contains("tcp dport set \(ports.tcp)\n") { return }
        try rules.run("delete table ip gantry_names\n" + wanted)
    }

    /// Our sockets have ports of their own, so that a container may run a name server on port 53 itself. Ports are rewritten without
    /// connection tracking, which would cost every packet of the container.
    private static func rules(_ ports: (udp: UInt16, tcp: UInt16)) -> String {
        let all = [("udp", ports.udp), ("tcp", ports.tcp)].map { kind, port in
            """
                    ip daddr \(resolver) \(kind) dport 53 \(kind) dport set \(port)
                    ip saddr \(resolver) \(kind) sport \(port) \(kind) sport set 53
            """
        }
        return """
            table ip gantry_names {
                chain output {
                    type filter hook output priority mangle; policy accept;
            \(all.joined(separator: "\n"))
                }
            }

            """
    }
}
