import Glibc
import Linux
import StackModel

/// A request's body as a pipe: what reads archives wants a descriptor.
final class Upload: Sendable {
    private let pipe: Pipe

    init() throws {
        pipe = try Pipe()
        // Never blocks an event loop; a large pipe makes waits few.
        _ = fcntl(pipe.writing.raw, F_SETFL, O_NONBLOCK)
        _ = fcntl(pipe.writing.raw, 1031 /* F_SETPIPE_SZ */, 1 << 20)
    }

    /// Gives the reading end to `body`; it is closed with its end, so that a writer learns of it.
    func take<Value: Sendable>(_ body: @Sendable (Int32) async throws -> Value) async throws -> Value {
        defer { pipe.reading.close() }
        return try await body(pipe.reading.raw)
    }

    func fill(from body: Body) async throws {
        defer { pipe.writing.close() }
        while let piece = try await body.next() {
            if try await !write(piece) { return }
        }
    }

    /// - Returns: false when nobody reads any more.
    private func write(_ bytes: [UInt8]) async throws -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(pipe.writing.raw, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try await Task.sleep(for: .milliseconds(1))
            } else {
                return false
            }
        }
        return true
    }
}
