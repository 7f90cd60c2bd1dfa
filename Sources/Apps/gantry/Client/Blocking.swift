import Glibc
import Linux
import NIOHTTP1

/// A blocking call on a thread of its own.
enum Blocking {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do { try NamedThread.start("gantry-blocking") { continuation.resume(with: Result(catching: body)) } } catch { continuation.resume(throwing: error) }
        }
    }
}

enum HTTPMethodName: Sendable {
    case GET, POST
    var http: HTTPMethod { self == .GET ? .GET : .POST }
}

/// Writing to this program's own streams, whole.
enum Output {
    static func write(_ fd: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                usleep(1000)
            } else if errno != EINTR {
                // A reader that went away (`| head`) ends the program quietly, as SIGPIPE would.
                exit(fd == 1 && errno == EPIPE ? 141 : 1)
            }
        }
    }

    static func out(_ text: String) { write(1, Array(text.utf8)) }
    static func error(_ text: String) { write(2, Array(text.utf8)) }
}
