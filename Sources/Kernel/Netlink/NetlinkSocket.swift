import CLinux
import Glibc
import Linux
import Synchronization

/// A netlink socket. It belongs to the network namespace of the thread that makes it, for as long as it lives.
///
/// Requests of several threads are carried out one after the other.
public final class NetlinkSocket: Sendable {
    public enum Family: Int32, Sendable {
        case route = 0
        case netfilter = 12
    }
    private let fd: SharedFD
    private let sequence = Mutex<UInt32>(1)

    /// - Parameter groups: multicast groups to listen to, by bit (netlink(7)).
    public init(_ family: Family = .route, groups: UInt32 = 0) throws(SyscallError) {
        let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        fd = SharedFD(try syscall("socket", "netlink") { socket(AF_NETLINK, type, family.rawValue) })
        var on: Int32 = 1
        // Errors come with the kernel's sentence and without a copy of the request (NETLINK_EXT_ACK, NETLINK_CAP_ACK).
        _ = setsockopt(fd.raw, 270, 11, &on, 4)
        _ = setsockopt(fd.raw, 270, 10, &on, 4)
        var address = withUnsafeBytes(of: UInt16(AF_NETLINK)) { Array($0) } + [UInt8](repeating: 0, count: 6)
        withUnsafeBytes(of: groups) { address.append(contentsOf: $0) }
        try syscall("bind", "netlink") {
            address.withUnsafeBytes { raw in
                raw.baseAddress.map { bind(fd.raw, $0.assumingMemoryBound(to: sockaddr.self), 12) } ?? -1
            }
        }
    }

    /// For waiting with epoll where the socket listens to groups.
    public var raw: Int32 { fd.raw }

    /// Sends requests in one go and waits for each one's answer.
    /// - Parameter requests: with what each is about, for the error.
    /// - Throws: the first error; requests after it were carried out or not.
    public func perform(_ requests: [(String, MessageBuilder)]) throws(SyscallError) {
        if requests.isEmpty { return }
        try sequence.withLock { next throws(SyscallError) in
            let first = next
            var bytes: [UInt8] = []
            for (_, request) in requests {
                bytes += request.finished(sequence: next, flags: 4 /* NLM_F_ACK */)
                next &+= 1
            }
            try syscall("send", "netlink") { send(fd.raw, bytes, bytes.count, 0) }
            try collect(requests.map(\.0), from: first)
        }
    }

    private func collect(_ subjects: [String], from first: UInt32) throws(SyscallError) {
        var open = subjects.count
        var failure: SyscallError?
        while open > 0 {
            for message in Message.all(in: try receive()) where message.type == 2 {
                let index = Int(message.sequence &- first)
                guard index < subjects.count else { continue }
                open -= 1
                let code = -message.number(at: 0, Int32.self)
                if code != 0, failure == nil { failure = SyscallError(call: "netlink", subject: subjects[index] + sentence(message), errno: code) }
            }
        }
        if let failure { throw failure }
    }

    /// What the kernel adds to an error: NLMSGERR_ATTR_MSG, after the error and the request's header.
    private func sentence(_ message: Message) -> String {
        guard message.flags & 0x200 != 0, let text = message.attributes(after: 20).text(1) else { return "" }
        return " (\(text))"
    }

    public func perform(_ subject: String, _ request: MessageBuilder) throws(SyscallError) { try perform([(subject, request)]) }

    /// All objects of a kind. A dump that a change interrupted is made again.
    public func dump(_ request: MessageBuilder) throws(SyscallError) -> [Message] {
        for _ in 0..<16 {
            if let found = try dumpOnce(request) { return found }
        }
        throw SyscallError(call: "netlink", subject: "dump", errno: EINTR)
    }

    private func dumpOnce(_ request: MessageBuilder) throws(SyscallError) -> [Message]? {
        try sequence.withLock { next throws(SyscallError) -> [Message]? in
            let own = next
            next &+= 1
            let bytes = request.finished(sequence: own, flags: 0x300 /* NLM_F_DUMP */)
            try syscall("send", "netlink") { send(fd.raw, bytes, bytes.count, 0) }
            var found: [Message] = []
            var isWhole = true
            while true {
                for message in Message.all(in: try receive()) where message.sequence == own {
                    if message.flags & 0x10 != 0 { isWhole = false }
                    if message.type == 3 { return isWhole ? found : nil }
                    if message.type == 2 { throw SyscallError(call: "netlink", subject: "dump", errno: -message.number(at: 0, Int32.self)) }
                    found.append(message)
                }
            }
        }
    }

    /// One read; blocks until something comes.
    public func receive() throws(SyscallError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(fd.raw, &buffer, buffer.count, 0)
            if count >= 0 { return Array(buffer[0..<count]) }
            let number = gl_errno()
            if number != EINTR { throw SyscallError(call: "recv", subject: "netlink", errno: number) }
        }
    }
}
