import Glibc

/// Ports and small exchanges on loopback.
public enum Port {
    /// A TCP port that nobody listens on now.
    public static func free() -> Int {
        guard let listener = Listener() else { return 0 }
        return listener.port
    }

    /// A socket that listens on 127.0.0.1 (or all addresses) until it is let go.
    public final class Listener: Sendable {
        public let port: Int
        private let fd: Int32

        public init?(_ port: Int = 0, everywhere: Bool = true) {
            let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = loopback(port)
            if everywhere { address.sin_addr.s_addr = 0 }
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withSocketAddress(&address) { bind(fd, $0, length) }
            let isListening = fd >= 0 && result == 0 && listen(fd, 8) == 0
            _ = withSocketAddress(&address) { getsockname(fd, $0, &length) }
            self.fd = fd
            self.port = Int(UInt16(bigEndian: address.sin_port))
            if !isListening { return nil }
        }

        deinit { close(fd) }
    }

    /// Sends bytes to a TCP port on 127.0.0.1 and reads the answer to its end; nil when nobody answers within the time.
    public static func exchange(_ port: Int, _ request: String, seconds: Int = 5, limit: Int = 1 << 20) -> String? {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(fd) }
        var limitTime = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(fd, SOL_SOCKET, option, &limitTime, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = loopback(port)
        guard withSocketAddress(&address, { connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }) == 0 else { return nil }
        let bytes = Array(request.utf8)
        guard send(fd, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while answer.count < limit {
            let count = recv(fd, &buffer, buffer.count, 0)
            if count < 0 { return nil }
            if count == 0 { break }
            answer += buffer[0..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withSocketAddress<R>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> R) -> R {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}

/// Just enough HTTP for a test.
public enum HTTP {
    public struct Answer: Sendable {
        public var status: Int
        public var body: String
    }

    public static func get(_ port: Int, _ path: String = "/") -> Answer? {
        answer(Port.exchange(port, "GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
    }

    /// Posts an already encoded form.
    public static func post(_ port: Int, _ path: String, form: String) -> Answer? {
        let head = "POST \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        return answer(Port.exchange(port, "\(head)Content-Length: \(form.utf8.count)\r\n\r\n\(form)", seconds: 10))
    }

    private static func answer(_ text: String?) -> Answer? {
        guard let text else { return nil }
        let bytes = Array(text.utf8)
        // Line ends of HTTP are one Character in Swift: look at bytes.
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) else { return nil }
        let first = bytes.prefix { $0 != 13 }.split(separator: 32)
        guard first.count >= 2, let status = Int(String(decoding: first[1], as: UTF8.self)) else { return nil }
        return Answer(status: status, body: String(decoding: bytes[(end + 4)...], as: UTF8.self))
    }
}
