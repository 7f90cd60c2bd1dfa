import API
import Engine
import NIOHTTP1
import StackModel

/// A route is: decode, one call of the engine, encode.
struct Router: Sendable {
    let engine: Engine
    let stop: @Sendable () -> Void

    func route(_ call: Call, _ body: Body) async throws {
        switch (call.head.method, call.path) {
        case (.GET, Route.version): try await call.writer.json(VersionInfo.current)
        case (.GET, Route.info): try await call.writer.json(try await engine.info())
        case (.GET, Route.stacks): try await call.writer.json(try await engine.stacks())
        case (.GET, Route.desired): try await desired(call)
        case (.GET, Route.containers): try await call.writer.json(try await engine.containers(stack: call.values["stack"]))
        case (.GET, Route.events): try await call.writer.lines(engine.events(stack: call.values["stack"]))
        case (.GET, Route.images): try await call.writer.json(try await engine.images())
        case (.GET, Route.imageInspect):
            try await call.writer.text(Array(try await engine.imageInspect(try value("reference", call)).utf8))
        case (.POST, _): try await post(call, body)
        default: throw Self.unknown(call)
        }
    }

    private func post(_ call: Call, _ body: Body) async throws {
        switch call.path {
        case Route.up: try await verb(call, engine.up(try await body.json(UpRequest.self)))
        case Route.down: try await verb(call, engine.down(try await body.json(DownRequest.self)))
        case Route.services: try await verb(call, engine.change(try await body.json(ServicesRequest.self)))
        case Route.plan: try await call.writer.json(try await engine.plan(try await body.json(UpRequest.self)))
        case Route.logs: try await call.writer.lines(try await engine.logs(try await body.json(LogsRequest.self)))
        case Route.exec: try await ExecCarrier(engine: engine).carry(call, body)
        case Route.imageLoad: try await load(call, body)
        case Route.imagePull: try await verb(call, engine.pull(try await body.json(PullRequest.self)))
        case Route.registryCheck:
            try await engine.checkLogin(try await body.json(LoginCheck.self))
            try await call.writer.json([String]())
        case Route.imageImport:
            let (name, changes) = (try value("name", call), call.values["changes"].map { [$0] } ?? [])
            let image = try await upload(body) { try await engine.imageImport(fd: $0, name: name, changes: changes.flatMap { $0.split(separator: "\n").map(String.init) }) }
            try await call.writer.json([image])
        case Route.imageTag:
            let request = try await body.json(ImageTagRequest.self)
            try await engine.imageTag(request.source, as: request.name)
            try await call.writer.json([String]())
        case Route.imageRemove:
            let request = try await body.json(ImageRemoveRequest.self)
            try await call.writer.json(try await engine.imageRemove(request.reference, force: request.force))
        case Route.systemStop: try await stop(call, body)
        default: throw Self.unknown(call)
        }
    }

    private static func unknown(_ call: Call) -> Failure {
        Failure(code: .notFound, what: "\(call.head.method.rawValue) \(call.path)", cause: "there is no such route", hint: "gantry and gantryd may be of different versions")
    }

    private func value(_ name: String, _ call: Call) throws -> String {
        guard let value = call.values[name] else { throw Failure(code: .invalid, what: "\(call.path) needs \"\(name)\"") }
        return value
    }

    private func desired(_ call: Call) async throws {
        let stack = try value("stack", call)
        guard let desired = await engine.desired(stack) else {
            throw Failure(code: .notFound, what: "there is no stack \"\(stack)\"", hint: "see `gantry ls`")
        }
        try await call.writer.json(desired)
    }

    /// The work goes on when the client goes away.
    private func verb(_ call: Call, _ items: AsyncStream<StreamItem>) async throws { try await call.writer.lines(items) }

    private func load(_ call: Call, _ body: Body) async throws {
        if let path = call.values["path"] {
            try await call.writer.json(try await engine.imageLoad(path: path))
        } else {
            try await call.writer.json(try await upload(body) { try await engine.imageLoad(fd: $0) })
        }
    }

    private func upload<Value: Sendable>(_ body: Body, _ take: @escaping @Sendable (Int32) async throws -> Value) async throws -> Value {
        let upload = try Upload()
        async let taken = upload.take(take)
        try await upload.fill(from: body)
        return try await taken
    }

    private func stop(_ call: Call, _ body: Body) async throws {
        let request = try await body.json(StopRequest.self)
        // Also when the client went with the last line that it wanted.
        defer { stop() }
        if request.all { try await verb(call, engine.stopAll()) } else { try await call.writer.json(VerbResult(ok: true)) }
    }
}
