import CLinux
import Linux

/// What the name server's thread holds: sockets, connections, queries under way to the host's resolvers. Everything is bounded.
struct NameLoop {
    typealias Lookup = (DNSQuery, String, Int) -> DNSAnswer?

    private enum Role {
        case udp(container: String, NameServer.Sockets)
        case tcp(container: String, NameServer.Sockets)
        case connection(Connection)
        case upstream(Forwarded)
    }
    private let epoll: Epoll
    private var roles: [UInt64: Role] = [:]
    private var tags: [String: [UInt64]] = [:]
    private var nextTag: UInt64 = 1
    private var turn = 0
    private var upstream = Upstream()
    private static let most = 1024

    init(epoll: Epoll) { self.epoll = epoll }

    /// Milliseconds to sleep at most: forwarded queries and connections have deadlines.
    var pause: Int32 { roles.count == tags.values.reduce(0) { $0 + $1.count } ? -1 : 200 }

    private mutating func watch(_ fd: Int32, _ role: Role) -> UInt64? {
        nextTag += 1
        guard (try? epoll.add(fd, .readable, tag: nextTag)) != nil else { return nil }
        roles[nextTag] = role
        return nextTag
    }

    mutating func add(_ container: String, _ sockets: NameServer.Sockets) {
        remove(container)
        let udp = watch(sockets.udp.raw, .udp(container: container, sockets))
        let tcp = watch(sockets.tcp.raw, .tcp(container: container, sockets))
        tags[container] = [udp, tcp].compactMap { $0 }
    }

    /// Closes the container's sockets: the last of them would keep its network namespace.
    mutating func remove(_ container: String) {
        for tag in tags.removeValue(forKey: container) ?? [] { close(tag) }
        for (tag, role) in roles {
            switch role {
            case .connection(let connection) where connection.container == container: close(tag)
            case .upstream(let forwarded) where forwarded.container == container: close(tag)
            default: break
            }
        }
    }

    private mutating func close(_ tag: UInt64) {
        switch roles.removeValue(forKey: tag) {
        case .udp(_, let sockets)?: epoll.remove(sockets.udp.raw)
        case .tcp(_, let sockets)?: epoll.remove(sockets.tcp.raw)
        case .connection(let connection)?: epoll.remove(connection.fd.raw)
        case .upstream(let forwarded)?: epoll.remove(forwarded.fd.raw)
        case nil: break
        }
    }

    mutating func expire() {
        let now = Clock.monotonicNanoseconds
        for (tag, role) in roles {
            switch role {
            case .connection(let connection) where connection.deadline < now: close(tag)
            case .upstream(let forwarded) where forwarded.deadline < now:
                close(tag)
                forward(forwarded)
            default: break
            }
        }
    }

    mutating func handle(_ event: Epoll.Event, _ lookup: Lookup) {
        switch roles[event.tag] {
        case .udp(let container, let sockets)?:
            // A bounded number at a time, so that one container cannot keep the others waiting.
            for _ in 0..<32 {
                guard let (bytes, from) = Socket.receive(sockets.udp.raw, capacity: 4096) else { return }
                serve(bytes, container, .datagram(sockets.udp, from), lookup)
            }
        case .tcp(let container, let sockets)?:
            guard let raw = (try? Socket.accept(sockets.tcp.raw)) ?? nil else { return }
            let fd = SharedFD(raw)
            guard roles.count < Self.most else { return }
            _ = watch(raw, .connection(Connection(container: container, fd: fd)))
        case .connection(let connection)?: read(connection, event.tag, lookup)
        case .upstream(let forwarded)?:
            guard let (bytes, _) = Socket.receive(forwarded.fd.raw) else { return }
            guard bytes.count >= 12, Array(bytes[0..<2]) == Array(forwarded.bytes[0..<2]) else { return }
            close(event.tag)
            forwarded.reply.send(bytes)
        case nil: break
        }
    }

    private mutating func read(_ connection: Connection, _ tag: UInt64, _ lookup: Lookup) {
        var connection = connection
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = gl_read(connection.fd.raw, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 || gl_errno() != 11 { close(tag) }
            return
        }
        connection.buffer += buffer[0..<count]
        while connection.buffer.count >= 2 {
            let length = Int(connection.buffer[0]) << 8 | Int(connection.buffer[1])
            guard connection.buffer.count >= 2 + length else { break }
            let bytes = Array(connection.buffer[2..<(2 + length)])
            connection.buffer.removeFirst(2 + length)
            serve(bytes, connection.container, .stream(connection.fd), lookup)
        }
        if roles[tag] != nil { roles[tag] = .connection(connection) }
    }

    private mutating func serve(_ bytes: [UInt8], _ container: String, _ reply: Reply, _ lookup: Lookup) {
        let query: DNSQuery
        do throws(DNSQuery.Problem) { query = try DNSQuery(bytes) } catch {
            if case .malformed(let id) = error { reply.send(DNSAnswer.formatError(id)) }
            return
        }
        turn &+= 1
        if let answer = lookup(query, container, turn & 0xffff) {
            reply.send(answer.bytes(to: query, limit: reply.limit(query)))
            return
        }
        upstream.refresh()
        forward(Forwarded(container: container, query: query, bytes: bytes, reply: reply, servers: upstream.servers))
    }

    /// Asks the next of the host's resolvers; none left: says so.
    private mutating func forward(_ query: Forwarded) {
        var forwarded = query
        while let server = forwarded.take() {
            guard roles.count < Self.most, let fd = try? Socket.make(.datagram, isV6: false).take() else { break }
            forwarded.fd = SharedFD(fd)
            guard (try? Socket.connect(fd, to: server)) != nil, Socket.send(fd, forwarded.bytes, to: nil) else { continue }
            forwarded.deadline = Clock.monotonicNanoseconds + 2_000_000_000
            _ = watch(fd, .upstream(forwarded))
            return
        }
        // A name of one label can only be one of ours: it does not exist. Others may, and nobody could say.
        let code: DNSAnswer.Code = forwarded.query.name.contains(".") && forwarded.hadServers ? .serverFailure : .nameError
        forwarded.reply.send(DNSAnswer(code: code).bytes(to: forwarded.query, limit: 512))
    }
}

/// A TCP connection of an asker.
struct Connection {
    let container: String
    let fd: SharedFD
    var buffer: [UInt8] = []
    let deadline = Clock.monotonicNanoseconds + 10_000_000_000
}

/// Where an answer goes.
enum Reply {
    case datagram(SharedFD, Socket.Endpoint)
    case stream(SharedFD)

    func limit(_ query: DNSQuery) -> Int {
        if case .stream = self { return 65535 }
        return min(query.payloadSize, 1232)
    }

    func send(_ bytes: [UInt8]) {
        switch self {
        case .datagram(let fd, let to): Socket.send(fd.raw, bytes, to: to)
        case .stream(let fd): Socket.send(fd.raw, [UInt8(bytes.count >> 8 & 0xff), UInt8(bytes.count & 0xff)] + bytes, to: nil)
        }
    }
}

/// A query that others are asked.
struct Forwarded {
    let container: String
    let query: DNSQuery
    let bytes: [UInt8]
    let reply: Reply
    let hadServers: Bool
    private var servers: [Socket.Endpoint]
    var fd = SharedFD(-1)
    var deadline: Int64 = 0

    init(container: String, query: DNSQuery, bytes: [UInt8], reply: Reply, servers: [Socket.Endpoint]) {
        self.container = container
        self.query = query
        self.bytes = bytes
        self.reply = reply
        self.servers = servers
        hadServers = !servers.isEmpty
    }

    mutating func take() -> Socket.Endpoint? { servers.isEmpty ? nil : servers.removeFirst() }

}
