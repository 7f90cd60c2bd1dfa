import CCurl
import Synchronization

/// One HTTP request.
struct Request: Sendable {
    var method = "GET"
    var url: String
    var headers: [String] = []
}

/// The head of an answer. Names of headers are lower case.
struct ResponseHead: Sendable, Hashable {
    var status = 0
    var headers: [String: String] = [:]
}

/// Whether somebody gave up; asked by a transfer about once a second, and with each piece of its body.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let parent: Cancellation?
    /// - Parameter parent: whose cancellation counts too.
    public init(parent: Cancellation? = nil) { self.parent = parent }
    public func cancel() { flag.store(true, ordering: .relaxed) }
    public var isCancelled: Bool { flag.load(ordering: .relaxed) || parent?.isCancelled ?? false }
}

/// Carries out requests by libcurl; blocks the calling thread.
struct Exchange: Sendable {
    /// A file of certificates to trust instead of the host's.
    var authorities: String?
    let cancellation: Cancellation

    enum Failure: Error {
        case cancelled
        /// The receiver wanted no more.
        case refused
        /// The connection failed or stalled: asking again may help.
        case broken(String)
        /// Nobody answers there: asking again rarely helps.
        case unreachable(String)
    }

    /// - Parameters:
    ///   - accept: gets the head before the first piece of the body.
    ///   - receive: gets the body; false ends the transfer.
    func perform(
        _ request: Request, accept: (ResponseHead) -> Bool = { _ in true }, receive: (UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) -> ResponseHead {
        try withoutActuallyEscaping(accept) { accept throws(Failure) in
            try withoutActuallyEscaping(receive) { receive throws(Failure) in
                let transfer = Transfer(cancellation, accept: accept, receive: receive)
                return try run(request, transfer)
            }
        }
    }

    private func run(_ request: Request, _ transfer: Transfer) throws(Failure) -> ResponseHead {
        var status = 0
        var text = [CChar](repeating: 0, count: 256)
        let code = withHeaders(request.headers) { headers in
            request.url.withCString { url in
                request.method.withCString { method in
                    withOptional(authorities) { authorities in
                        var raw = gc_request(
                            url: url, method: method, headers: headers, body: nil, body_size: 0, body_fd: -1, authorities: authorities,
                            connect_milliseconds: 15_000, low_speed: 64, low_speed_seconds: 20)
                        var events = transfer.events
                        return gc_perform(&raw, &events, &status, &text)
                    }
                }
            }
        }
        if cancellation.isCancelled { throw .cancelled }
        if transfer.hasRefused { throw .refused }
        if code != 0 {
            let why = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // libcurl-errors(3): no proxy's address, no host's address, no connection; certificates that are not trusted.
            throw [5, 6, 7, 35, 60].contains(code) ? .unreachable(why) : .broken(why)
        }
        transfer.head.status = status
        return transfer.head
    }

    private func withOptional<Value>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }

    private func withHeaders<Value>(_ headers: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value) -> Value {
        // One block of zero-ended texts and a list that points into it.
        let bytes = headers.flatMap { Array($0.utf8CString) }
        return bytes.withUnsafeBufferPointer { block in
            var pointers: [UnsafePointer<CChar>?] = []
            var offset = 0
            for header in headers {
                pointers.append(block.baseAddress.map { $0 + offset })
                offset += header.utf8.count + 1
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}

/// What libcurl's callbacks act on.
private final class Transfer {
    var head = ResponseHead()
    private(set) var hasRefused = false
    private let cancellation: Cancellation
    private let accept: (ResponseHead) -> Bool
    private let receive: (UnsafeRawBufferPointer) -> Bool
    private var hasAccepted = false

    init(_ cancellation: Cancellation, accept: @escaping (ResponseHead) -> Bool, receive: @escaping (UnsafeRawBufferPointer) -> Bool) {
        self.cancellation = cancellation
        self.accept = accept
        self.receive = receive
    }

    var events: gc_events {
        gc_events(
            context: Unmanaged.passUnretained(self).toOpaque(),
            header: { line, size, context in
                guard let line, let transfer = Transfer.from(context) else { return }
                transfer.take(header: String(decoding: UnsafeRawBufferPointer(start: line, count: size), as: UTF8.self))
            },
            body: { bytes, size, context in
                guard let transfer = Transfer.from(context) else { return 0 }
                return transfer.take(body: UnsafeRawBufferPointer(start: bytes, count: size)) ? 1 : 0
            },
            is_cancelled: { context in (Transfer.from(context)?.cancellation.isCancelled ?? true) ? 1 : 0 })
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func take(header line: String) {
        if line.hasPrefix("HTTP/") {
            // Another head may follow a "100 Continue" or a proxy's answer: the last counts.
            head = ResponseHead(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
            return
        }
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        head.headers[line[..<colon].lowercased()] = String(value)
    }

    private func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        if !hasAccepted {
            hasAccepted = true
            if !accept(head) { hasRefused = true }
        }
        if hasRefused || cancellation.isCancelled { return false }
        if !receive(bytes) { hasRefused = true }
        return !hasRefused
    }
}
