import Containers
import Images
import Linux
import RuntimeSpec
import StackModel

/// A process in a container, for whoever carries its streams. The descriptors are valid as long as this value lives.
public final class ExecHandle: Sendable {
    private let session: ExecSession
    private let ended: Task<Int32, any Error>

    init(_ session: ExecSession) {
        self.session = session
        // A thread of its own: an interactive shell may live for days, and the pool's threads are few.
        ended = Task {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    try NamedThread.start("gantry-exec") {
                        do throws(RuntimeError) {
                            continuation.resume(returning: try session.wait().code)
                        } catch {
                            continuation.resume(throwing: Failure(error, "exec"))
                        }
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Write ends and read ends of pipes; nil where a terminal serves all.
    public var stdin: Int32? { session.stdin?.raw }
    public var stdout: Int32? { session.stdout?.raw }
    public var stderr: Int32? { session.stderr?.raw }
    public var terminal: Int32? { session.terminal?.raw }
    public var pid: Int32 { session.pid }

    public func closeStdin() { session.stdin?.close() }
    public func resize(rows: Int, columns: Int) { session.resize(rows: rows, columns: columns) }

    /// The exit code: the process's own, or 128 plus its signal.
    public func wait() async throws -> Int32 { try await ended.value }
}

extension Engine {
    /// Runs a process in a container of a service, as `docker compose exec` does.
    public func exec(_ request: ExecStart) async throws -> ExecHandle {
        guard let facts = world.facts.of(stack: request.stack).first(where: { $0.service == request.service && $0.number == request.index }) else {
            if let desired = await desired(request.stack), desired.stack.services[request.service] == nil {
                throw Wish.unknown(request.service, in: desired.stack)
            }
            throw Failure(
                code: .notFound, what: "service \"\(request.service)\" is not running", cause: "it has no container number \(request.index)",
                hint: "see `gantry ps -a`")
        }
        let world = world
        let session = try await world.pool.run { () throws -> ExecSession in
            do throws(RuntimeError) {
                let record = try world.containers.record(facts.id)
                return try world.containers.exec(facts.id, try Self.execRequest(request, record, facts, world))
            } catch {
                if error.code == .notRunning {
                    throw Failure(code: .conflict, what: "service \"\(request.service)\" is not running", hint: "start it with `gantry start \(request.service)`")
                }
                throw Failure(error, facts.name)
            }
        }
        return ExecHandle(session)
    }

    private static func execRequest(
        _ request: ExecStart, _ record: ContainerRecord, _ facts: Facts, _ world: World
    ) throws(RuntimeError) -> ExecRequest {
        let process = record.spec.process
        var user = process.user
        var environment = process.env ?? []
        if let text = request.user {
            let image = (try? world.images.resolve(facts.imageID)) ?? nil
            do throws(ImageError) {
                guard let image else { throw ImageError(.notFound, "the image of \(facts.name) is gone") }
                // The container's own passwd file counts, with what was written since it was made.
                let resolved = try world.images.user(text, in: image, upper: "\(world.root)/containers/\(facts.id)/upper")
                user = .init(uid: resolved.uid, gid: resolved.gid, additionalGids: resolved.groups)
                environment.removeAll { $0.hasPrefix("HOME=") }
                environment.append("HOME=\(resolved.home)")
            } catch {
                throw RuntimeError(.invalid, "user \"\(text)\"", cause: "\(error)")
            }
        }
        for pair in request.environment {
            let name = pair.prefix { $0 != "=" } + "="
            environment.removeAll { $0.hasPrefix(name) }
            environment.append(pair)
        }
        if request.tty, !environment.contains(where: { $0.hasPrefix("TERM=") }) { environment.append("TERM=xterm") }
        let size = request.tty ? (rows: request.rows ?? 24, columns: request.columns ?? 80) : nil
        return ExecRequest(
            arguments: request.command, environment: environment, cwd: request.workingDir ?? process.cwd, user: user,
            privileged: request.privileged, terminal: size)
    }
}
