import Linux

/// Who holds a port of this host: proc_net(5), proc_pid_fd(5).
enum PortHolder {
    struct Entry: Sendable, Hashable {
        /// nil: every address.
        var address: IPv4?
        var port: Int
        var inode: UInt64
    }

    /// The process that holds the port so that nobody else can; nil when it is free.
    static func find(_ port: Int, _ proto: PortProtocol, at address: IPv4?) -> PortConflict.Holder? {
        let tables = ["/proc/thread-self/net/\(proto.rawValue)", "/proc/thread-self/net/\(proto.rawValue)6"].map { (try? File.text($0)) ?? "" }
        let entries = tables.flatMap { parse($0, proto) }
        let holding = entries.first { entry in
            entry.port == port && (entry.address == nil || address == nil || entry.address == address)
        }
        return holding.map { owner(of: $0.inode) }
    }

    /// Ports that are taken by a listener (tcp) or a bound socket (udp) at any address.
    static func taken(_ proto: PortProtocol) -> Set<Int> {
        Set(["/proc/thread-self/net/\(proto.rawValue)", "/proc/thread-self/net/\(proto.rawValue)6"].flatMap { parse((try? File.text($0)) ?? "", proto) }.map(\.port))
    }

    /// Lines such as `0: 0100007F:1F90 00000000:0000 0A … inode`. State 0A listens; 07 is a bound datagram socket.
    static func parse(_ text: String, _ proto: PortProtocol) -> [Entry] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 10, words[3] == (proto == .udp ? "07" : "0A") else { return nil }
            let place = words[1].split(separator: ":")
            guard place.count == 2, let port = Int(place[1], radix: 16), port > 0, let inode = UInt64(words[9]) else { return nil }
            return Entry(address: address(place[0]), port: port, inode: inode)
        }
    }

    /// Little-endian words, as the kernel prints them. IPv6: `::` is every address, and so is what cannot be said in IPv4.
    private static func address(_ text: Substring) -> IPv4? {
        guard text.count == 8, let value = UInt32(text, radix: 16), value != 0 else { return nil }
        return IPv4(value.byteSwapped)
    }

    private static func owner(of inode: UInt64) -> PortConflict.Holder {
        let wanted = "socket:[\(inode)]"
        for name in (try? File.list("/proc")) ?? [] {
            guard let pid = Int32(name), let fds = try? File.list("/proc/\(name)/fd") else { continue }
            if fds.contains(where: { (try? File.readLink("/proc/\(name)/fd/\($0)")) == wanted }) {
                let program = (try? File.text("/proc/\(name)/comm"))?.filter { $0 != "\n" } ?? "?"
                return .process(pid: pid, name: program)
            }
        }
        return .unknown
    }
}
