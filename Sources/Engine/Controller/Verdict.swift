import Planner
import StackModel

/// Whether what a session waits for has been reached, or cannot be. Pure.
struct Verdict {
    private(set) var isOver = false
    private(set) var failures: [Failure] = []
    private(set) var notes: [String] = []
    private let desired: Desired
    private let observed: Observed
    private let now: Timestamp

    init(goal: Session.Goal, desired: Desired, plan: Plan, observed: Observed, now: Timestamp) {
        self.desired = desired
        self.observed = observed
        self.now = now
        for note in plan.notes {
            switch note.kind {
            case .error: failures.append(Failure(code: .invalid, what: note.subject, cause: note.text, hint: note.hint))
            case .warning: notes.append("\(note.subject): \(note.text)" + (note.hint.map { " (\($0))" } ?? ""))
            case .waiting: break
            }
        }
        switch goal {
        case .carriedOut: isOver = true
        case .gone: isOver = !failures.isEmpty
        case .ready(let until): judgeReadiness(plan, until)
        }
    }

    private mutating func judgeReadiness(_ plan: Plan, _ until: Timestamp?) {
        // Steps were just carried out: what was observed before them says nothing.
        guard plan.isEmpty || !failures.isEmpty else { return }
        var isReady = true
        for container in wanted {
            switch container.state {
            case .running where container.health == .unhealthy:
                failures.append(Failure(
                    code: .unhealthy, what: "container \(container.name) is unhealthy", cause: container.healthOutput,
                    hint: "see `gantry logs \(container.service)`"))
            case .running: isReady = isReady && container.health != .starting
            case .exited(let exit) where exit.code == 0 && isOneShot(container.service): break
            case .exited(let exit):
                failures.append(Failure(
                    code: .exited, what: "container \(container.name) exited (\(exit.code))", hint: "see `gantry logs \(container.service)`"))
            default: isReady = false
            }
        }
        if !isReady, failures.isEmpty, let until, !(now < until) {
            failures.append(Failure(
                code: .timeout, what: "stack \"\(desired.stack.name)\" is not ready in the time given",
                hint: "see `gantry ps` and `gantry logs`, or wait longer with --wait-timeout"))
        }
        isOver = isReady || !failures.isEmpty
    }

    private var wanted: [ObservedContainer] {
        observed.containers.filter { desired.services.contains($0.service) && !desired.stopped.contains($0.service) }
    }

    /// Something waits for this service's successful end.
    private func isOneShot(_ service: String) -> Bool {
        desired.stack.services.values.contains { $0.dependsOn[service]?.condition == .completed }
    }

    /// A line for each container that runs as it is wanted and no step touched.
    func untouched(except named: Set<String>) -> [Progress] {
        guard desired.presence == .up else { return [] }
        return wanted.compactMap { container in
            guard !named.contains(container.name), case .running = container.state else { return nil }
            return Progress(kind: .container, name: container.name, phase: .done, status: "Running", at: now)
        }
    }
}
