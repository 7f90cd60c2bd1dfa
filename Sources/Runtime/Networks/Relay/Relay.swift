import CLinux
import Linux
import Synchronization

/// Holds published ports on this host, and carries IPv6 to containers, which the IPv4 rules cannot.
///
/// For each port: a listener on every IPv6 address whose connections are passed on (one thread, no process a port), and one on the
/// IPv4 address that only holds it, so that no other program can take the port unnoticed (the rules catch its traffic before).
final class Relay: Sendable {
    struct Port: Sendable, Hashable {
        var container: String
        var hostIP: String?
        var hostPort: Int
        var proto: PortProtocol
        var target: IPv4
        var targetPort: Int
    }
    private let inbox = Mutex<[Change]>([])
    private let bell: SharedFD
    private let epoll: Epoll

    /// Sockets are made by the caller, so that a taken port is its error.
    struct Held: Sendable {
        var port: Port
        var v6: SharedFD?
        var v4: SharedFD?
    }

    enum Change: Sendable {
        case add(Held)
        case remove(container: String)
        case stop
    }

    init() throws(SyscallError) {
        epoll = try Epoll()
        bell = SharedFD(try syscall("eventfd") { gl_eventfd(0) })
        try epoll.add(bell.raw, .readable, tag: 0)
    }

    /// Takes the port.
    /// - Throws: EADDRINUSE when another program has it. A host without IPv6 is no error.
    func hold(_ port: Port) throws(SyscallError) {
        guard port.proto != .sctp else { return }
        let kind: Socket.Kind = port.proto == .tcp ? .stream : .datagram
        let number = UInt16(clamping: port.hostPort)
        var held = Held(port: port)
        let v4 = port.hostIP.map { IPv4($0) } ?? IPv4(0)
        if let v4 {
            do throws(SyscallError) {
                held.v4 = SharedFD(try Socket.bound(kind, Socket.Endpoint(v4, number)).take())
            } catch {
                // An address that this host does not have now may come (a link that is down): the rules serve it then.
                if error.name != "EADDRNOTAVAIL" { throw error }
            }
        }
        if port.hostIP == nil || port.hostIP == "::" || port.hostIP == "::1" {
            let endpoint: Socket.Endpoint = port.hostIP == "::1" ? .loopbackV6(number) : .anyV6(number)
            do throws(SyscallError) {
                held.v6 = SharedFD(try Socket.bound(kind, endpoint).take())
            } catch {
                if error.name == "EADDRINUSE" { throw error }
            }
        }
        tell(.add(held))
    }

    func release(container: String) { tell(.remove(container: container)) }
    func stop() { tell(.stop) }

    private func tell(_ change: Change) {
        inbox.withLock { $0.append(change) }
        var one: UInt64 = 1
        _ = gl_write(bell.raw, &one, 8)
    }

    /// Serves until `stop`; blocks its thread.
    func run() {
        var loop = RelayLoop(epoll: epoll)
        while true {
            for event in epoll.wait(timeout: loop.pause) {
                if event.tag == 0 {
                    var count: UInt64 = 0
                    _ = gl_read(bell.raw, &count, 8)
                } else {
                    loop.handle(event)
                }
            }
            for change in inbox.withLock({ changes in
                defer { changes = [] }
                return changes
            }) {
                switch change {
                case .add(let held): loop.add(held)
                case .remove(let container): loop.remove(container)
                case .stop: return
                }
            }
            loop.expire()
        }
    }
}
