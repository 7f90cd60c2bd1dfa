import Planner
import StackModel

/// Keeps one stack as it is meant to be: looks, plans, carries out, and looks again when something says so. Serial, so nothing
/// interleaves inside a plan; stacks have a controller each and do not wait for each other.
actor StackController {
    nonisolated let name: String
    nonisolated let bell = Doorbell()
    private let world: World
    private let store: StackStore
    private(set) var desired: Desired
    private(set) var revision = 0
    private var sessions: [Session] = []
    /// Passes in a row that had failures: the pause before the next try grows with them.
    private var failedPasses = 0
    /// Passes in a row that only repaired: what does not stay repaired must not keep the machine busy.
    private var repairPasses = 0
    private var hasEnded = false

    /// How long nothing may happen before it looks anyway.
    private static let resync = Duration.seconds(60)
    private static let failurePause = (first: 200, longest: 30_000)

    init(_ desired: Desired, world: World, store: StackStore) {
        name = desired.stack.name
        self.desired = desired
        self.world = world
        self.store = store
    }

    /// Makes a new wish durable and wakes the loop.
    /// - Returns: the stream of what is done for it; nil when this controller has ended (its stack is gone) and another is needed.
    func want(_ goal: Session.Goal, _ change: @Sendable (Desired) throws -> Desired) throws -> AsyncStream<StreamItem>? {
        if hasEnded { return nil }
        let changed = try change(desired)
        try store.save(changed)
        desired = changed
        revision += 1
        failedPasses = 0
        let (stream, continuation) = AsyncStream.makeStream(of: StreamItem.self)
        // Who waits for an older wish waits for this one now: it contains what they asked for, or someone took it back.
        sessions.append(Session(goal: goal, revision: revision, continuation: continuation))
        bell.ring()
        return stream
    }

    /// Runs until the stack is down and gone, or the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let revision = revision
            do {
                let observed = try await Observer(world: world).look(at: desired)
                let plan = plan(desired: desired, observed: observed, policy: world.policy, now: world.now())
                if revision != self.revision { continue }
                if plan.isEmpty {
                    if await settle(plan, observed) { return }
                } else {
                    await carryOut(plan, observed, revision)
                }
            } catch {
                if error is CancellationError { break }
                await failed([(error as? Failure) ?? Failure(code: .internal, what: "stack \(name)", cause: "\(error)")], revision)
            }
        }
        hasEnded = true
        for session in sessions {
            await session.fail(Failure(code: .busy, what: "stack \(name)", cause: "the daemon was stopped", hint: "run the command again"))
            await session.end()
        }
    }

    // MARK: nothing to do

    /// - Returns: whether the stack is gone for good.
    private func settle(_ plan: Plan, _ observed: Observed) async -> Bool {
        failedPasses = 0
        repairPasses = 0
        await endSessions(plan, observed, failures: [])
        if case .down = desired.presence, observed.containers.isEmpty, finish() {
            for session in sessions { await session.end() }
            sessions = []
            return true
        }
        await bell.wait(atMost: pause(until: plan.wakeAt))
        return false
    }

    /// Forgets the stack, in one go with looking whether anyone asked for it again.
    private func finish() -> Bool {
        do { try store.remove(name) } catch { return false }
        world.networkSpecs.removeAll(of: name)
        hasEnded = true
        return true
    }

    private func pause(until wakeAt: Timestamp?) -> Duration {
        let now = world.now()
        var pause = Self.resync
        for moment in [wakeAt, sessions.compactMap(\.deadline).min()].compactMap({ $0 }) {
            pause = min(pause, .milliseconds(max(1, (moment - now).value)))
        }
        return pause
    }

    // MARK: carrying out

    private func carryOut(_ plan: Plan, _ observed: Observed, _ revision: Int) async {
        let steps = Steps(world: world, desired: desired)
        let executor = Executor(
            perform: { [self] step in try await perform(step, steps, revision) }, bell: bell,
            isOutdated: { [self] in await self.revision != revision })
        switch await executor.run(plan) {
        case .interrupted(let failures):
            for failure in failures { await report(failure, revision) }
        case .completed(let failures):
            for failure in failures { await report(failure, revision) }
            if revision != self.revision { return }
            await endSessions(plan, observed, failures: failures.map(\.failure))
            repairPasses = plan.steps.allSatisfy(\.action.isRepair) ? repairPasses + 1 : 0
            if failures.isEmpty && repairPasses < 4 { failedPasses = 0 } else { await pauseAfterFailure(revision) }
        }
    }

    private func perform(_ step: Step, _ steps: Steps, _ revision: Int) async throws {
        if step.risk == .losesData, !desired.presence.removesVolumes {
            throw Failure(code: .denied, what: "\(step.id)", cause: "it would lose data", hint: "ask for it with `gantry down -v`")
        }
        let words = StepWords(step)
        if let words { await tell(words, .working, words.working, nil) }
        do {
            try await steps.perform(step)
        } catch {
            if let words, !(error is CancellationError) { await tell(words, .failed, "Error", "\(error)") }
            throw error
        }
        if let words { await tell(words, .done, words.done, nil) }
    }

    private func tell(_ words: StepWords, _ phase: Progress.Phase, _ status: String, _ detail: String?) async {
        let progress = Progress(kind: words.kind, name: words.name, phase: phase, status: status, detail: detail, at: world.now())
        for session in sessions { await session.tell(progress) }
    }

    private func report(_ failure: Executor.StepFailure, _ revision: Int) async {
        for session in sessions where session.revision == revision { await session.fail(failure.failure) }
    }

    private func failed(_ failures: [Failure], _ revision: Int) async {
        for session in sessions {
            for failure in failures { await session.fail(failure) }
            await session.end()
        }
        sessions = []
        await pauseAfterFailure(revision)
    }

    /// Waits longer after each pass that failed; a new wish ends the wait, other rings do not, or a failing step would spin.
    private func pauseAfterFailure(_ revision: Int) async {
        failedPasses += 1
        let factor = 1 << min(failedPasses - 1, 10)
        let pause = Duration.milliseconds(min(Self.failurePause.first * factor, Self.failurePause.longest))
        let end = ContinuousClock.now + pause
        while !Task.isCancelled, revision == self.revision {
            let left = end - ContinuousClock.now
            if left <= .zero { return }
            await bell.wait(atMost: left)
        }
    }

    // MARK: sessions

    /// Ends the sessions whose goal is reached or cannot be.
    private func endSessions(_ plan: Plan, _ observed: Observed, failures: [Failure]) async {
        var ended = Set<ObjectIdentifier>()
        for session in sessions {
            for failure in failures { await session.fail(failure) }
            if await isOver(session, plan, observed, hasFailures: !failures.isEmpty) {
                await session.end()
                ended.insert(ObjectIdentifier(session))
            }
        }
        // Not assigned from the loop: others may have come while it awaited.
        sessions.removeAll { ended.contains(ObjectIdentifier($0)) }
    }

    private func isOver(_ session: Session, _ plan: Plan, _ observed: Observed, hasFailures: Bool) async -> Bool {
        let verdict = Verdict(goal: session.goal, desired: desired, plan: plan, observed: observed, now: world.now())
        for failure in verdict.failures { await session.fail(failure) }
        for note in verdict.notes { await session.note(note) }
        let isOver = hasFailures || verdict.isOver
        if isOver {
            let named = await session.named
            for progress in verdict.untouched(except: named) { await session.tell(progress) }
        }
        return isOver
    }
}

extension Desired.Presence {
    var removesVolumes: Bool {
        if case .down(let removeVolumes) = self { return removeVolumes }
        return false
    }
}

extension Session {
    nonisolated var deadline: Timestamp? {
        if case .ready(let until) = goal { return until }
        return nil
    }
}
