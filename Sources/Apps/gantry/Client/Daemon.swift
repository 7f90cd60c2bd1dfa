import API
import CLinux
import Glibc
import Linux
import NIOPosix
import Planner
import StackModel

/// The daemon, as the command line talks to it.
struct Daemon: Sendable {
    private let connection: Connection

    /// Connects to the daemon of these folders, starting it when none listens.
    static func connect(root: String, run: String) async throws -> Daemon {
        let path = "\(run)/gantryd.sock"
        let daemon = Daemon(connection: Connection(path: path, group: MultiThreadedEventLoopGroup(numberOfThreads: 1)))
        guard path.utf8.count < 108 else {
            throw Failure(code: .invalid, what: "--run \(run)", cause: "a socket's path may have 107 bytes and this one has \(path.utf8.count)", hint: "choose a shorter folder")
        }
        if Self.listens(path) { return daemon }
        try Starter(root: root, run: run).start()
        return daemon
    }

    /// Connects to a daemon that runs; nil when none does.
    static func running(run: String) -> Daemon? {
        let path = "\(run)/gantryd.sock"
        guard listens(path) else { return nil }
        return Daemon(connection: Connection(path: path, group: MultiThreadedEventLoopGroup(numberOfThreads: 1)))
    }

    static func listens(_ path: String) -> Bool { (try? UnixSocket.connect(path, sequenced: false)) != nil }

    // MARK: verbs

    typealias Items = AsyncThrowingStream<StreamItem, any Error>

    func up(_ request: UpRequest) -> Items { lines(Route.up, request) }
    func down(_ request: DownRequest) -> Items { lines(Route.down, request) }
    func pull(_ request: PullRequest) -> Items { lines(Route.imagePull, request) }
    func change(_ request: ServicesRequest) -> Items { lines(Route.services, request) }
    func stop(all: Bool) -> Items { lines(Route.systemStop, StopRequest(all: all)) }
    func logs(_ request: LogsRequest) -> AsyncThrowingStream<LogLine, any Error> { lines(Route.logs, request) }
    func events(stack: String?) -> AsyncThrowingStream<StackEvent, any Error> {
        lines(.GET, Route.events + Query.encode(["stack": stack]), nil)
    }

    /// Ends the daemon and leaves containers running.
    func halt() async throws {
        let _: VerbResult = try await value(.POST, Route.systemStop, try Wire.encode(StopRequest(all: false)))
    }

    func plan(_ request: UpRequest) async throws -> Plan { try await value(.POST, Route.plan, try Wire.encode(request)) }
    func stacks() async throws -> [StackSummary] { try await value(.GET, Route.stacks) }
    func desired(_ stack: String) async throws -> Desired { try await value(.GET, Route.desired + Query.encode(["stack": stack])) }
    func containers(stack: String?) async throws -> [ContainerSummary] { try await value(.GET, Route.containers + Query.encode(["stack": stack])) }
    func version() async throws -> VersionInfo { try await value(.GET, Route.version) }
    func info() async throws -> SystemInfo { try await value(.GET, Route.info) }

    // MARK: images

    func images() async throws -> [ImageSummary] { try await value(.GET, Route.images) }
    func imageInspect(_ reference: String) async throws -> String {
        try await connection.exchange(.GET, Route.imageInspect + Query.encode(["reference": reference])) { response in
            try await response.check()
            return String(decoding: try await response.all(), as: UTF8.self)
        }
    }
    /// - Parameter path: absolute, an archive or a folder that is a layout; the daemon reads it itself.
    func imageLoad(path: String) async throws -> [ImageSummary] { try await value(.POST, Route.imageLoad + Query.encode(["path": path]), []) }
    func imageLoad(fd: Int32) async throws -> [ImageSummary] { try await upload(Route.imageLoad, fd) }
    func imageImport(fd: Int32, name: String, changes: [String]) async throws -> [ImageSummary] {
        try await upload(Route.imageImport + Query.encode(["name": name, "changes": changes.isEmpty ? nil : changes.joined(separator: "\n")]), fd)
    }
    func imageTag(_ source: String, as name: String) async throws {
        let _: [String] = try await value(.POST, Route.imageTag, try Wire.encode(ImageTagRequest(source: source, name: name)))
    }
    func imageRemove(_ reference: String, force: Bool) async throws -> [String] {
        try await value(.POST, Route.imageRemove, try Wire.encode(ImageRemoveRequest(reference: reference, force: force)))
    }

    func check(_ login: LoginCheck) async throws {
        let _: [String] = try await value(.POST, Route.registryCheck, try Wire.encode(login))
    }

    // MARK: exec

    func exec(_ request: ExecStart, _ console: Console) async throws -> Int32 {
        let start = ExecFrame.start(try Wire.encode(request)).encoded
        return try await connection.exchange(.POST, Route.exec, send: { writer in
            try await writer.write(start)
            for await frame in console.input { try await writer.write(frame.encoded) }
            // The answer decides when it is over.
            while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
        }, read: { response in
            try await response.check()
            var reader = ExecFrameReader()
            while let piece = try await response.next() {
                for frame in try reader.add(piece) {
                    switch frame {
                    case .stdout(let bytes): Output.write(1, bytes)
                    case .stderr(let bytes): Output.write(2, bytes)
                    case .exit(let code): return code
                    case .failure(let bytes): throw try Wire.decode(Failure.self, bytes)
                    default: break
                    }
                }
            }
            throw Failure(code: .runtime, what: "exec", cause: "gantryd closed the connection")
        })
    }

    // MARK: requests

    private func value<Value: Decodable & Sendable>(_ method: HTTPMethodName, _ uri: String, _ body: [UInt8]? = nil) async throws -> Value {
        try await connection.exchange(method.http, uri, body: body) { response in
            try await response.check()
            return try Wire.decode(Value.self, try await response.all())
        }
    }

    private func lines<Value: Decodable & Sendable>(_ uri: String, _ request: some Encodable & Sendable) -> AsyncThrowingStream<Value, any Error> {
        do { return lines(.POST, uri, try Wire.encode(request)) } catch {
            return AsyncThrowingStream { $0.finish(throwing: error) }
        }
    }

    private func lines<Value: Decodable & Sendable>(_ method: HTTPMethodName, _ uri: String, _ body: [UInt8]?) -> AsyncThrowingStream<Value, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await connection.exchange(method.http, uri, body: body) { response in
                        try await response.check()
                        var splitter = LineSplitter()
                        while let piece = try await response.next() {
                            for line in splitter.add(piece) { continuation.yield(try Wire.decode(Value.self, line)) }
                        }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func upload<Value: Decodable & Sendable>(_ uri: String, _ fd: Int32) async throws -> Value {
        try await connection.exchange(.POST, uri, send: { writer in
            while true {
                let bytes = try await Blocking.run { try File.readSome(fd, count: 1 << 18) }
                if bytes.isEmpty { return }
                try await writer.write(bytes)
            }
        }, read: { response in
            try await response.check()
            return try Wire.decode(Value.self, try await response.all())
        })
    }
}
