import CLinux
import Linux

/// What the relay's thread holds. Connections are bounded; a side that does not read stops the other (its data waits in a buffer of
/// 64 KiB a direction).
struct RelayLoop {
    private enum Role {
        case listener(Relay.Held)
        case datagrams(Relay.Held)
        /// One end of a connection; `other` is the tag of its other end.
        case end(StreamEnd)
        case reply(DatagramPath)
    }
    private let epoll: Epoll
    private var roles: [UInt64: Role] = [:]
    private var tags: [String: [UInt64]] = [:]
    private var held: [String: [Relay.Held]] = [:]
    /// A client may use several ports from one address: the listener tells them apart.
    private var paths: [DatagramPath.Key: UInt64] = [:]
    private var nextTag: UInt64 = 1
    private static let most = 4096

    init(epoll: Epoll) { self.epoll = epoll }

    var pause: Int32 { paths.isEmpty ? -1 : 5000 }

    private mutating func watch(_ fd: Int32, _ events: Epoll.Events, _ role: Role) -> UInt64? {
        nextTag += 1
        guard (try? epoll.add(fd, events, tag: nextTag)) != nil else { return nil }
        roles[nextTag] = role
        return nextTag
    }

    mutating func add(_ held: Relay.Held) {
        self.held[held.port.container, default: []].append(held)
        guard let v6 = held.v6 else { return }
        let role: Role = held.port.proto == .tcp ? .listener(held) : .datagrams(held)
        if let tag = watch(v6.raw, .readable, role) { tags[held.port.container, default: []].append(tag) }
    }

    mutating func remove(_ container: String) {
        for tag in tags.removeValue(forKey: container) ?? [] { close(tag) }
        held[container] = nil
    }

    private mutating func close(_ tag: UInt64) {
        switch roles.removeValue(forKey: tag) {
        case .listener(let held)?, .datagrams(let held)?: if let fd = held.v6 { epoll.remove(fd.raw) }
        case .end(let end)?:
            epoll.remove(end.fd.raw)
            if roles[end.other] != nil { close(end.other) }
        case .reply(let path)?:
            epoll.remove(path.fd.raw)
            paths[path.key] = nil
        case nil: break
        }
    }

    mutating func expire() {
        let now = Clock.monotonicNanoseconds
        for (_, tag) in paths {
            if case .reply(let path)? = roles[tag], path.deadline < now { close(tag) }
        }
    }

    mutating func handle(_ event: Epoll.Event) {
        switch roles[event.tag] {
        case .listener(let held)?: accept(held)
        case .datagrams(let held)?: pass(held)
        case .reply(let path)?:
            while let (bytes, _) = Socket.receive(path.fd.raw) { Socket.send(path.listener.raw, bytes, to: path.client) }
        case .end(let end)?:
            if !event.events.isDisjoint(with: [.failed]) { close(event.tag) } else { pump(event.tag, end) }
        case nil: break
        }
    }

    // MARK: streams

    private mutating func accept(_ held: Relay.Held) {
        for _ in 0..<32 {
            guard let v6 = held.v6, let raw = (try? Socket.accept(v6.raw)) ?? nil else { return }
            let client = SharedFD(raw)
            guard roles.count < Self.most, let out = try? Socket.make(.stream, isV6: false).take() else { continue }
            let server = SharedFD(out)
            guard (try? Socket.connect(out, to: Socket.Endpoint(held.port.target, UInt16(clamping: held.port.targetPort)))) != nil else { continue }
            let (first, second) = (nextTag + 1, nextTag + 2)
            _ = watch(client.raw, .readable, .end(StreamEnd(fd: client, other: second)))
            _ = watch(server.raw, [.readable, .writable], .end(StreamEnd(fd: server, other: first)))
        }
    }

    /// Moves what there is both ways: in from this end, out of its buffer.
    private mutating func pump(_ tag: UInt64, _ end: StreamEnd) {
        guard case .end(let other)? = roles[end.other] else { return close(tag) }
        var (near, far) = (end, other)
        if near.receive(into: &far) == .broken || near.flush() == .broken || far.flush() == .broken { return close(tag) }
        if near.isDone && far.isDone { return close(tag) }
        roles[tag] = .end(near)
        roles[end.other] = .end(far)
        try? epoll.change(near.fd.raw, near.events(feeding: far), tag: tag)
        try? epoll.change(far.fd.raw, far.events(feeding: near), tag: end.other)
    }

    // MARK: datagrams

    private mutating func pass(_ held: Relay.Held) {
        guard let v6 = held.v6 else { return }
        for _ in 0..<64 {
            guard let (bytes, client) = Socket.receive(v6.raw) else { return }
            if let tag = paths[.init(client: client, listener: v6.raw)], case .reply(var path)? = roles[tag] {
                path.deadline = DatagramPath.later
                roles[tag] = .reply(path)
                Socket.send(path.fd.raw, bytes, to: nil)
                continue
            }
            guard roles.count < Self.most, let raw = try? Socket.make(.datagram, isV6: false).take() else { continue }
            let fd = SharedFD(raw)
            guard (try? Socket.connect(raw, to: Socket.Endpoint(held.port.target, UInt16(clamping: held.port.targetPort)))) != nil else { continue }
            let path = DatagramPath(fd: fd, client: client, listener: v6, deadline: DatagramPath.later)
            if let tag = watch(raw, .readable, .reply(path)) { paths[path.key] = tag }
            Socket.send(raw, bytes, to: nil)
        }
    }
}

/// Where one client's datagrams go, until nothing was heard for a while.
struct DatagramPath {
    let fd: SharedFD
    let client: Socket.Endpoint
    let listener: SharedFD
    var deadline: Int64
    struct Key: Hashable {
        var client: Socket.Endpoint
        var listener: Int32
    }
    var key: Key { Key(client: client, listener: listener.raw) }
    static var later: Int64 { Clock.monotonicNanoseconds + 90_000_000_000 }
}
