import API
import Engine
import NIOCore
import NIOHTTP1
import NIOPosix
import StackModel

/// HTTP/1.1 on the unix socket: one request a connection.
struct Server: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    let engine: Engine
    let path: String
    /// Called for `system stop`, after the answer was sent.
    let stop: @Sendable () -> Void

    /// Serves until the task is cancelled.
    /// - Parameter ready: called once connections are taken.
    func run(on group: MultiThreadedEventLoopGroup, ready: @Sendable () -> Void) async throws {
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        ready()
        try await withThrowingDiscardingTaskGroup { tasks in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    tasks.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                guard case .head(let head)? = try await parts.next() else { return }
                let (path, values) = Query.parse(head.uri)
                let call = Call(head: head, path: path, values: values, writer: ResponseWriter(outbound))
                do {
                    try await Router(engine: engine, stop: stop).route(call, Body(parts))
                } catch let failure as Failure {
                    try await call.writer.fail(failure)
                } catch is CancellationError {
                    try await call.writer.fail(Failure(code: .busy, what: "the daemon was stopped", hint: "run the command again"))
                }
                outbound.finish()
            }
        } catch {
            // The client went away.
        }
    }
}

/// A request without its body.
struct Call: Sendable {
    let head: HTTPRequestHead
    let path: String
    let values: [String: String]
    let writer: ResponseWriter
}

/// The body of a request as it comes.
final class Body {
    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private static let most = 8 << 20

    init(_ parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator) { self.parts = parts }

    /// The next piece; nil at the end.
    func next() async throws -> [UInt8]? {
        while let part = try await parts.next() {
            switch part {
            case .body(let buffer): return Array(buffer.readableBytesView)
            case .end: return nil
            case .head: continue
            }
        }
        return nil
    }

    /// All of it as JSON.
    func json<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            bytes += piece
            if bytes.count > Self.most { throw Failure(code: .invalid, what: "the request is larger than \(Self.most >> 20) MiB") }
        }
        return try Wire.decode(type, bytes)
    }
}

/// Writes one answer.
struct ResponseWriter: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    init(_ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>) { self.outbound = outbound }

    func begin(_ status: HTTPResponseStatus = .ok, type: String = "application/x-ndjson") async throws {
        let headers = HTTPHeaders([("Content-Type", type), ("Connection", "close"), ("Transfer-Encoding", "chunked")])
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    }

    func write(_ bytes: [UInt8]) async throws { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
    func end() async throws { try await outbound.write(.end(nil)) }

    func json(_ value: some Encodable, _ status: HTTPResponseStatus = .ok) async throws { try await text(try Wire.line(value), status) }

    func text(_ bytes: [UInt8], _ status: HTTPResponseStatus = .ok) async throws {
        let headers = HTTPHeaders([("Content-Type", "application/json"), ("Connection", "close"), ("Content-Length", "\(bytes.count)")])
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        try await write(bytes)
        try await end()
    }

    func fail(_ failure: Failure) async throws { try await json(failure, .init(statusCode: failure.code.status)) }

    /// Every value as a line, until the stream ends or the client goes.
    func lines<Values: AsyncSequence & Sendable>(_ values: Values) async throws where Values.Element: Encodable & Sendable {
        try await begin()
        for try await value in values { try await write(try Wire.line(value)) }
        try await end()
    }
}
