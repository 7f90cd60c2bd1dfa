import Glibc
import Linux
import Synchronization

/// A registry that does what the test says: one thread, one connection at a time, HTTP/1.1 without keeping connections.
final class FaultyRegistry: Sendable {
    enum Answer: Sendable {
        case body([UInt8], type: String)
        case status(Int, headers: [String])
        /// Only so many bytes of what was promised, then the connection ends.
        case cut([UInt8], after: Int)
        /// More than was promised.
        case endless
        case redirect(String)
    }
    let port: Int
    private let listener: SharedFD
    private let script: @Sendable (_ path: String, _ headers: [String: String], _ count: Int) -> Answer
    private let seen = Mutex<[(path: String, headers: [String: String])]>([])
    private let isOver = Atomic<Bool>(false)

    init(_ script: @escaping @Sendable (String, [String: String], Int) -> Answer) throws {
        signal(SIGPIPE, SIG_IGN)
        self.script = script
        listener = SharedFD(try Socket.bound(.stream, Socket.Endpoint(IPv4(127 << 24 | 1), 0)).take())
        port = Int(try Socket.port(of: listener.raw))
        try NamedThread.start("test-registry") { [self] in
            while !isOver.load(ordering: .relaxed) {
                guard let raw = (try? Socket.accept(listener.raw)) ?? nil else {
                    Clock.sleep(milliseconds: 2)
                    continue
                }
                let connection = SharedFD(raw)
                _ = fcntl(raw, F_SETFL, 0)
                serve(connection)
            }
        }
    }

    func end() { isOver.store(true, ordering: .relaxed) }

    var requests: [(path: String, headers: [String: String])] { seen.withLock { $0 } }

    private func serve(_ connection: SharedFD) {
        var text = ""
        while !text.hasSuffix("\r\n\r\n"), let bytes = try? File.readSome(connection.raw, count: 4096), !bytes.isEmpty { text += String(decoding: bytes, as: UTF8.self) }
        let lines = text.split(separator: "\r\n").map(String.init)
        guard let first = lines.first?.split(separator: " "), first.count >= 2 else { return }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1).map(String.init)
            if sides.count == 2 { headers[sides[0].lowercased()] = String(sides[1].drop { $0 == " " }) }
        }
        let path = String(first[1])
        let count = seen.withLock { seen in
            seen.append((path, headers))
            return seen.count { $0.path == path }
        }
        send(script(path, headers, count), headers, connection)
    }

    private func send(_ answer: Answer, _ headers: [String: String], _ connection: SharedFD) {
        func put(_ bytes: [UInt8]) { try? File.write(connection.raw, bytes) }
        func head(_ status: Int, _ lines: [String]) { put(Array("HTTP/1.1 \(status) X\r\nConnection: close\r\n\(lines.map { $0 + "\r\n" }.joined())\r\n".utf8)) }
        switch answer {
        case .body(let bytes, let type):
            if let range = headers["range"], let from = Int(range.dropFirst("bytes=".count).prefix { $0.isNumber }), from > 0, from < bytes.count {
                head(206, ["Content-Type: \(type)", "Content-Length: \(bytes.count - from)", "Content-Range: bytes \(from)-\(bytes.count - 1)/\(bytes.count)"])
                put(Array(bytes[from...]))
            } else {
                head(200, ["Content-Type: \(type)", "Content-Length: \(bytes.count)"])
                put(bytes)
            }
        case .status(let status, let lines): head(status, lines + ["Content-Length: 0"])
        case .cut(let bytes, let after):
            head(200, ["Content-Length: \(bytes.count)"])
            put(Array(bytes.prefix(after)))
        case .endless:
            head(200, [])
            let piece = [UInt8](repeating: 0, count: 65536)
            for _ in 0..<10_000 where (try? File.write(connection.raw, piece)) == nil { break }
        case .redirect(let place): head(307, ["Location: \(place)", "Content-Length: 0"])
        }
    }
}
