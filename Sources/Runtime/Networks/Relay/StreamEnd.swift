import CLinux
import Glibc
import Linux

/// One end of a relayed connection, with what is still to be written to it.
struct StreamEnd {
    let fd: SharedFD
    let other: UInt64
    private var pending: [UInt8] = []
    /// Nothing more is to be read from it.
    private var hasEnded = false
    /// The other end is over: once the rest is written, this one's writing side is shut.
    private var shutWhenEmpty = false
    private var isShut = false
    private static let capacity = 65536

    enum State { case fine, broken }

    init(fd: SharedFD, other: UInt64) {
        self.fd = fd
        self.other = other
    }

    var isDone: Bool { hasEnded && isShut }

    /// Reads what there is room for at the far end.
    mutating func receive(into far: inout StreamEnd) -> State {
        if hasEnded { return .fine }
        var buffer = [UInt8](repeating: 0, count: 16384)
        while far.pending.count < Self.capacity {
            let count = gl_read(fd.raw, &buffer, buffer.count)
            if count > 0 {
                far.pending += buffer[0..<count]
            } else if count == 0 {
                hasEnded = true
                far.shutWhenEmpty = true
                return .fine
            } else {
                let number = gl_errno()
                // ENOTCONN: the connection to the container is still being made.
                return number == EAGAIN || number == EINTR || number == ENOTCONN ? .fine : .broken
            }
        }
        return .fine
    }

    mutating func flush() -> State {
        while !pending.isEmpty {
            let count = Glibc.send(fd.raw, pending, pending.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                pending.removeFirst(count)
            } else {
                let number = gl_errno()
                return number == EAGAIN || number == EINTR || number == ENOTCONN ? .fine : .broken
            }
        }
        if shutWhenEmpty && !isShut {
            isShut = true
            _ = shutdown(fd.raw, Int32(SHUT_WR))
        }
        return .fine
    }

    /// What to wait for: reading while the far end has room, writing while something is left.
    func events(feeding far: StreamEnd) -> Epoll.Events {
        var events: Epoll.Events = []
        if !hasEnded && far.pending.count < Self.capacity { events.insert(.readable) }
        if !pending.isEmpty { events.insert(.writable) }
        return events
    }
}
