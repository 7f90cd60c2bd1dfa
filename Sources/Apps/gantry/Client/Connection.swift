import API
import NIOCore
import NIOHTTP1
import NIOPosix
import StackModel

/// One request to the daemon over its unix socket.
struct Connection: Sendable {
    typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    let path: String
    let group: MultiThreadedEventLoopGroup

    /// Sends a request and gives the answer's head and body to `read`.
    /// - Parameter send: writes the request's body, piece by piece, beside the reading.
    func exchange<Value: Sendable>(
        _ method: HTTPMethod, _ uri: String, body: [UInt8]? = nil, send: (@Sendable (RequestWriter) async throws -> Void)? = nil,
        read: @Sendable (Response) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try Channel(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var headers = HTTPHeaders([("Host", "gantry")])
            if let body { headers.add(name: "Content-Length", value: "\(body.count)") }
            if send != nil { headers.add(name: "Transfer-Encoding", value: "chunked") }
            try await outbound.write(.head(HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)))
            if let body { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
            if send == nil { try await outbound.write(.end(nil)) }
            return try await withThrowingTaskGroup(of: Void.self) { tasks in
                if let send {
                    tasks.addTask {
                        try await send(RequestWriter(outbound))
                        try await outbound.write(.end(nil))
                    }
                }
                let response = try await Response(inbound.makeAsyncIterator())
                let value = try await read(response)
                tasks.cancelAll()
                return value
            }
        }
    }
}

struct RequestWriter: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    init(_ outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>) { self.outbound = outbound }
    func write(_ bytes: [UInt8]) async throws { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
}

/// An answer as it comes. Used by one task.
final class Response: @unchecked Sendable {
    let status: Int
    private var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

    init(_ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator) async throws {
        self.parts = parts
        guard case .head(let head)? = try await self.parts.next() else {
            throw Failure(code: .runtime, what: "gantryd closed the connection", hint: "see gantryd.log in the run folder")
        }
        status = Int(head.status.code)
    }

    /// The next piece of the body; nil at its end.
    /// - Throws: a failure when the daemon goes away before the end.
    func next() async throws -> [UInt8]? {
        while let part = try await parts.next() {
            switch part {
            case .body(let buffer): return Array(buffer.readableBytesView)
            case .end: return nil
            case .head: continue
            }
        }
        throw Failure(code: .runtime, what: "gantryd went away", cause: "the connection was closed before the answer was complete", hint: "run the command again; the work goes on in the background")
    }

    /// The whole body.
    func all() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() { bytes += piece }
        return bytes
    }

    /// - Throws: the failure that the daemon sent instead of an answer.
    func check() async throws {
        guard status >= 400 else { return }
        throw try Wire.decode(Failure.self, try await all())
    }
}
