import Glibc
import Linux
import Synchronization

/// Sockets that answer inside namespaces, each by a thread of its own.
final class Services: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let running = Atomic<Int>(0)

    func add(_ kind: Socket.Kind, _ namespace: String, _ port: Int, _ text: String) throws {
        let fd = try Namespace.inNetwork(namespace) { () throws(SyscallError) in
            SharedFD(try Socket.bound(kind, Socket.Endpoint(IPv4(0), UInt16(clamping: port))).take())
        }
        running.add(1, ordering: .relaxed)
        try NamedThread.start("test-service") {
            while !self.isOver.load(ordering: .relaxed) {
                guard Exchange.wait(fd.raw, milliseconds: 50) else { continue }
                if kind == .stream {
                    Self.accept(fd.raw, text)
                } else if let (_, from) = Socket.receive(fd.raw) {
                    Socket.send(fd.raw, Array(text.utf8), to: from)
                }
            }
            self.running.subtract(1, ordering: .relaxed)
        }
    }

    private static func accept(_ listener: Int32, _ text: String) {
        guard let raw = (try? Socket.accept(listener)) ?? nil else { return }
        let connection = OwnedFD(raw)
        _ = send(connection.raw, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }

    /// Returns when all threads have left their sockets.
    func end() {
        isOver.store(true, ordering: .relaxed)
        while running.load(ordering: .relaxed) > 0 { usleep(1000) }
    }
}

/// One question, one answer.
enum Exchange {
    static func wait(_ fd: Int32, milliseconds: Int32, writable: Bool = false) -> Bool {
        var one = pollfd(fd: fd, events: Int16(writable ? POLLOUT : POLLIN), revents: 0)
        return poll(&one, 1, milliseconds) > 0
    }

    /// - Parameter address: an IPv4 address, or `::1`.
    static func ask(_ kind: Socket.Kind, _ address: String, _ port: Int) -> String? {
        let number = UInt16(clamping: port)
        guard let to = address == "::1" ? Socket.Endpoint.loopbackV6(number) : IPv4(address).map({ Socket.Endpoint($0, number) }),
            let fd = try? Socket.make(kind, isV6: address == "::1"), (try? Socket.connect(fd.raw, to: to)) != nil
        else { return nil }
        if kind == .datagram {
            Socket.send(fd.raw, Array("ping".utf8), to: nil)
        } else if !wait(fd.raw, milliseconds: 1500, writable: true) || Socket.pendingError(fd.raw) != 0 {
            return nil
        }
        var buffer = [UInt8](repeating: 0, count: 1024)
        guard wait(fd.raw, milliseconds: 1500) else { return nil }
        let count = recv(fd.raw, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[0..<count], as: UTF8.self) : nil
    }

    /// A datagram by a connected socket, and what comes back.
    static func ask(_ fd: Int32, milliseconds: Int32 = 500) -> String? {
        Socket.send(fd, Array("ping".utf8), to: nil)
        guard wait(fd, milliseconds: milliseconds), let (bytes, _) = Socket.receive(fd) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A datagram and what comes back.
    static func ask(_ bytes: [UInt8], _ address: IPv4, _ port: UInt16) -> [UInt8]? {
        guard let fd = try? Socket.make(.datagram, isV6: false), (try? Socket.connect(fd.raw, to: Socket.Endpoint(address, port))) != nil,
            Socket.send(fd.raw, bytes, to: nil), wait(fd.raw, milliseconds: 1500)
        else { return nil }
        return Socket.receive(fd.raw)?.bytes
    }
}
