import StackModel
import Planner

/// Carries out a plan: ready steps side by side, each once its predecessors are done. What depends on a failed step is left out.
struct Executor: Sendable {
    enum Outcome: Sendable {
        /// Every step was done, failed or had to be left out.
        case completed([StepFailure])
        /// Something changed that makes another look worthwhile; what was done stays done.
        case interrupted([StepFailure])
    }
    struct StepFailure: Sendable {
        var step: Step
        var failure: Failure
    }
    /// What carrying out depends on, so that tests can stand in for it.
    var perform: @Sendable (Step) async throws -> Void
    /// Rings when the world or the wish changed.
    var bell: Doorbell
    /// Whether the plan was made for a wish that is no longer the current one.
    var isOutdated: @Sendable () async -> Bool

    private enum Event: Sendable {
        case ended(StepID, (any Error)?)
        case rung
    }

    func run(_ plan: Plan) async -> Outcome {
        var progress = PlanProgress(plan)
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { await listen() }
            var hasRung = false
            launch(&progress, in: &group)
            while progress.isUnderWay, let event = await group.next() {
                switch event {
                case .ended(let id, let error):
                    progress.end(id, error)
                case .rung:
                    hasRung = true
                    if await isOutdated() { progress.stopLaunching() } else { group.addTask { await listen() } }
                }
                launch(&progress, in: &group)
                // A wait holds nothing up that could be repaired meanwhile: look again, and wait again if that is still the plan.
                if progress.isStopping || (hasRung && progress.onlyWaits) { group.cancelAll() }
                if progress.isStopping || (hasRung && progress.onlyWaits) { break }
            }
            let isWhole = !progress.isUnderWay && !progress.isStopping
            group.cancelAll()
            for await event in group {
                if case .ended(let id, let error) = event { progress.end(id, error) }
            }
            return isWhole ? .completed(progress.failures) : .interrupted(progress.failures)
        }
    }

    private func listen() async -> Event {
        await bell.wait(atMost: nil)
        return .rung
    }

    private func launch(_ progress: inout PlanProgress, in group: inout TaskGroup<Event>) {
        for step in progress.takeReady() {
            group.addTask {
                do {
                    try await perform(step)
                    return .ended(step.id, nil)
                } catch {
                    return .ended(step.id, error)
                }
            }
        }
    }
}

/// Which steps of a plan are done, under way, ready and left.
struct PlanProgress {
    private var steps: [StepID: Step] = [:]
    private var open: [StepID: Int] = [:]
    private var dependants: [StepID: [StepID]] = [:]
    private var ready: [StepID] = []
    private var running: [StepID: Step] = [:]
    private(set) var isStopping = false
    private(set) var failures: [Executor.StepFailure] = []

    init(_ plan: Plan) {
        for step in plan.steps { steps[step.id] = step }
        for step in plan.steps {
            let before = Set(step.after).filter { steps[$0] != nil }
            open[step.id] = before.count
            for id in before { dependants[id, default: []].append(step.id) }
            if before.isEmpty { ready.append(step.id) }
        }
    }

    var isUnderWay: Bool { !running.isEmpty || (!ready.isEmpty && !isStopping) }
    var onlyWaits: Bool { ready.isEmpty && !running.isEmpty && running.values.allSatisfy(\.action.isWait) }

    mutating func stopLaunching() { isStopping = true }

    mutating func takeReady() -> [Step] {
        if isStopping { return [] }
        let steps = ready.compactMap { self.steps[$0] }
        ready = []
        for step in steps { running[step.id] = step }
        return steps
    }

    mutating func end(_ id: StepID, _ error: (any Error)?) {
        guard let step = running.removeValue(forKey: id) else { return }
        if let error {
            if error is CancellationError { return }
            failures.append(.init(step: step, failure: (error as? Failure) ?? Failure(code: .internal, what: "\(id)", cause: "\(error)")))
            return
        }
        for dependant in dependants[id] ?? [] {
            open[dependant, default: 0] -= 1
            if open[dependant] == 0 { ready.append(dependant) }
        }
    }
}

extension Action {
    var isRepair: Bool {
        switch self {
        case .repairNetwork, .repairContainer: true
        default: false
        }
    }

    /// Whether it only waits for something that happens by itself.
    var isWait: Bool {
        switch self {
        case .waitHealthy, .waitCompleted: true
        default: false
        }
    }
}
