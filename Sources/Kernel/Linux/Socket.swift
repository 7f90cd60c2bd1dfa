import CLinux
import Glibc

/// Sockets of IPv4 and IPv6 (socket(7), ip(7), ipv6(7)): close-on-exec and non-blocking, all of them.
public enum Socket {
    public enum Kind: Sendable { case stream, datagram }

    /// Where a socket is bound or sends to; IPv4 addresses of a v6 socket are not served.
    public struct Endpoint: Sendable, Hashable {
        /// Four or sixteen bytes in network order.
        public var address: [UInt8]
        public var port: UInt16
        public init(_ address: IPv4, _ port: UInt16) {
            self.address = address.bytes
            self.port = port
        }
        public init(v6 address: [UInt8], _ port: UInt16) {
            self.address = address
            self.port = port
        }
        public static func anyV6(_ port: UInt16) -> Endpoint { Endpoint(v6: [UInt8](repeating: 0, count: 16), port) }
        public static func loopbackV6(_ port: UInt16) -> Endpoint { Endpoint(v6: [UInt8](repeating: 0, count: 15) + [1], port) }
        var isV6: Bool { address.count == 16 }

        /// sockaddr_in or sockaddr_in6.
        var raw: [UInt8] {
            let family = UInt16(isV6 ? AF_INET6 : AF_INET)
            var bytes = withUnsafeBytes(of: family) { Array($0) } + [UInt8(port >> 8), UInt8(port & 0xff)]
            bytes += isV6 ? [0, 0, 0, 0] + address + [0, 0, 0, 0] : address + [UInt8](repeating: 0, count: 8)
            return bytes
        }

        init?(raw: ArraySlice<UInt8>) {
            let bytes = Array(raw)
            guard bytes.count >= 16 else { return nil }
            port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
            if bytes.count >= 28 { address = Array(bytes[8..<24]) } else { address = Array(bytes[4..<8]) }
        }
    }

    /// A socket bound to an address; a stream one listens.
    public static func bound(_ kind: Kind, _ endpoint: Endpoint, reuse: Bool = true) throws(SyscallError) -> OwnedFD {
        let fd = try make(kind, isV6: endpoint.isV6)
        if reuse && kind == .stream { try set(fd.raw, SOL_SOCKET, SO_REUSEADDR, 1) }
        if endpoint.isV6 { try set(fd.raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        let raw = endpoint.raw
        try syscall("bind", "port \(endpoint.port)") { with(raw) { bind(fd.raw, $0, socklen_t(raw.count)) } }
        if kind == .stream { try syscall("listen", "port \(endpoint.port)") { listen(fd.raw, 512) } }
        return fd
    }

    public static func make(_ kind: Kind, isV6: Bool) throws(SyscallError) -> OwnedFD {
        let type = (kind == .stream ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        return OwnedFD(try syscall("socket") { socket(isV6 ? AF_INET6 : AF_INET, type, 0) })
    }

    /// Begins to connect: done when the socket becomes writable without an error.
    public static func connect(_ fd: Int32, to endpoint: Endpoint) throws(SyscallError) {
        let raw = endpoint.raw
        do throws(SyscallError) {
            try syscall("connect") { with(raw) { Glibc.connect(fd, $0, socklen_t(raw.count)) } }
        } catch {
            if error.errno != EINPROGRESS { throw error }
        }
    }

    /// The error that a connect ended with; 0: none.
    public static func pendingError(_ fd: Int32) -> Int32 {
        var value: Int32 = 0
        var size = socklen_t(4)
        _ = getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size)
        return value
    }

    /// The port that the kernel chose.
    public static func port(of fd: Int32) throws(SyscallError) -> UInt16 {
        var raw = [UInt8](repeating: 0, count: 28)
        var size = socklen_t(28)
        try syscall("getsockname") { withMutable(&raw) { getsockname(fd, $0, &size) } }
        return UInt16(raw[2]) << 8 | UInt16(raw[3])
    }

    /// Nil when nothing waits.
    public static func accept(_ fd: Int32) throws(SyscallError) -> Int32? {
        let got = gl_accept(fd)
        if got >= 0 { return got }
        let number = gl_errno()
        if [EAGAIN, EINTR, ECONNABORTED, EPROTO].contains(number) { return nil }
        throw SyscallError(call: "accept", subject: "", errno: number)
    }

    /// Nil when nothing waits.
    public static func receive(_ fd: Int32, capacity: Int = 65535) -> (bytes: [UInt8], from: Endpoint)? {
        var buffer = [UInt8](repeating: 0, count: capacity)
        var raw = [UInt8](repeating: 0, count: 28)
        var size = socklen_t(28)
        let count = withMutable(&raw) { recvfrom(fd, &buffer, capacity, Int32(MSG_DONTWAIT), $0, &size) }
        guard count >= 0, let from = Endpoint(raw: raw[0..<Int(size)]) ?? (size == 0 ? Endpoint(IPv4(0), 0) : nil) else { return nil }
        return (Array(buffer[0..<count]), from)
    }

    /// - Returns: whether the datagram was taken.
    @discardableResult
    public static func send(_ fd: Int32, _ bytes: [UInt8], to endpoint: Endpoint?) -> Bool {
        let flags = Int32(MSG_NOSIGNAL)
        guard let endpoint else { return Glibc.send(fd, bytes, bytes.count, flags) >= 0 }
        let raw = endpoint.raw
        return with(raw) { sendto(fd, bytes, bytes.count, flags, $0, socklen_t(raw.count)) } >= 0
    }

    private static func set(_ fd: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(SyscallError) {
        var value = value
        try syscall("setsockopt") { setsockopt(fd, level, option, &value, socklen_t(4)) }
    }

    private static func with<Value>(_ raw: [UInt8], _ body: (UnsafePointer<sockaddr>) -> Value) -> Value where Value: FixedWidthInteger {
        raw.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 &- 1 }
            return body(base.assumingMemoryBound(to: sockaddr.self))
        }
    }

    private static func withMutable<Value>(_ raw: inout [UInt8], _ body: (UnsafeMutablePointer<sockaddr>) -> Value) -> Value where Value: FixedWidthInteger {
        raw.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 &- 1 }
            return body(base.assumingMemoryBound(to: sockaddr.self))
        }
    }
}
