import CLinux
import Linux
import Synchronization

/// Answers containers' DNS queries on sockets inside their own network namespaces, so that no firewall of the host stands between
/// and the asker is known by the socket. One thread, level-triggered.
final class NameServer: Sendable {
    /// The sockets of one container.
    struct Sockets: Sendable {
        var udp: SharedFD
        var tcp: SharedFD
    }
    private let table = Mutex(NameTable())
    private let inbox = Mutex<[Change]>([])
    private let bell: SharedFD
    private let epoll: Epoll

    enum Change: Sendable {
        case add(String, Sockets)
        case remove(String)
        case stop
    }

    init() throws(SyscallError) {
        epoll = try Epoll()
        bell = SharedFD(try syscall("eventfd") { gl_eventfd(0) })
        try epoll.add(bell.raw, .readable, tag: 0)
    }

    func set(_ table: NameTable) { self.table.withLock { $0 = table } }
    func add(_ container: String, _ sockets: Sockets) { tell(.add(container, sockets)) }
    func remove(_ container: String) { tell(.remove(container)) }
    func stop() { tell(.stop) }

    private func tell(_ change: Change) {
        inbox.withLock { $0.append(change) }
        ring()
    }

    private func ring() {
        var one: UInt64 = 1
        _ = gl_write(bell.raw, &one, 8)
    }

    /// Serves until `stop`; blocks its thread.
    func run() {
        var loop = NameLoop(epoll: epoll)
        while true {
            for event in epoll.wait(timeout: loop.pause) {
                if event.tag == 0 {
                    var count: UInt64 = 0
                    _ = gl_read(bell.raw, &count, 8)
                } else {
                    loop.handle(event) { query, container, turn in table.withLock { $0.answer(query, for: container, turn: turn) } }
                }
            }
            for change in inbox.withLock({ changes in
                defer { changes = [] }
                return changes
            }) {
                switch change {
                case .add(let container, let sockets): loop.add(container, sockets)
                case .remove(let container): loop.remove(container)
                case .stop: return
                }
            }
            loop.expire()
        }
    }
}
