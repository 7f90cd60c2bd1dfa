import Containers
import Linux
import StackModel

/// Verbs that act on containers as they are and change nothing about what is wanted: `kill`, `pause`, `unpause`.
struct Direct: Sendable {
    let world: World
    let stack: String
    let services: Set<String>

    func run(_ request: ServicesRequest) async -> AsyncStream<StreamItem> {
        let world = world
        let chosen = world.facts.of(stack: stack).filter { services.contains($0.service) }
        let signal = Signals.number(request.signal ?? "SIGKILL")
        if request.verb == .kill, signal == nil {
            return Engine.failed([
                Failure(code: .invalid, what: "kill: no such signal: \(request.signal ?? "")", hint: "use a name such as SIGHUP or a number")
            ])
        }
        var items: [StreamItem] = []
        var failures: [Failure] = []
        for facts in chosen {
            let done: Result<Bool, Failure> = await world.pool.run {
                do throws(RuntimeError) {
                    return .success(try act(request.verb, signal ?? 9, facts))
                } catch {
                    return .failure(Failure(error, facts.name))
                }
            }
            switch done {
            case .success(true):
                items.append(.progress(Progress(kind: .container, name: facts.name, phase: .done, status: Self.word(request.verb), at: world.now())))
                world.tell(facts, request.verb.rawValue, request.verb == .kill ? ["signal": "\(signal ?? 9)"] : [:])
            case .success(false): break
            case .failure(let failure): failures.append(failure)
            }
        }
        items.append(.result(VerbResult(ok: failures.isEmpty, errors: failures)))
        return AsyncStream { continuation in
            for item in items { continuation.yield(item) }
            continuation.finish()
        }
    }

    private static func word(_ verb: ServicesRequest.Verb) -> String {
        switch verb {
        case .pause: "Paused"
        case .unpause: "Unpaused"
        default: "Killed"
        }
    }

    /// - Returns: false when there was nothing to act on.
    private func act(_ verb: ServicesRequest.Verb, _ signal: Int32, _ facts: Facts) throws(RuntimeError) -> Bool {
        guard let status = try? world.containers.status(facts.id), status.isLive else { return false }
        switch verb {
        case .pause: try world.containers.pause(facts.id)
        case .unpause: try world.containers.resume(facts.id)
        default:
            // Ended on purpose: its restart policy leaves it down, as people know it from Docker.
            if [2, 3, 9, 15].contains(signal) {
                do throws(Failure) { try world.facts.change(facts.id) { $0.stoppedByUser = true } } catch {
                    throw RuntimeError(.system, error.what, cause: error.cause)
                }
            }
            try world.containers.signal(facts.id, signal)
        }
        return true
    }
}
