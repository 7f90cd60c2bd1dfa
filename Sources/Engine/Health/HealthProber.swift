import StackModel

/// Probes containers that have a health check, a task for each. Results are observed facts; what follows from them is planning.
actor HealthProber {
    typealias Probe = @Sendable (_ id: String, _ arguments: [String], _ timeout: Milliseconds) async -> ProbeResult
    /// Ids of containers whose health became another.
    nonisolated let changes: AsyncStream<String>
    private let changing: AsyncStream<String>.Continuation
    private let probe: Probe
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Milliseconds) async throws -> Void
    private var watched: [String: (state: HealthState, task: Task<Void, Never>)] = [:]

    init(
        probe: @escaping Probe, now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Milliseconds) async throws -> Void = { try await Task.sleep(for: .milliseconds($0.value)) }
    ) {
        self.probe = probe
        self.now = now
        self.sleep = sleep
        (changes, changing) = AsyncStream.makeStream(of: String.self)
    }

    /// Begins to probe a container that was started at `startedAt`; one that is watched already begins anew.
    func watch(_ id: String, check: EffectiveCheck, startedAt: Timestamp) {
        watched[id]?.task.cancel()
        let state = HealthState(check: check, startedAt: startedAt)
        let task = Task { await self.run(id, check, startedAt) }
        watched[id] = (state, task)
    }

    func forget(_ id: String) { watched.removeValue(forKey: id)?.task.cancel() }

    func states() -> [String: HealthReport] { watched.mapValues(\.state.report) }

    private func run(_ id: String, _ check: EffectiveCheck, _ startedAt: Timestamp) async {
        // One that runs for long already (adopted from an earlier daemon) is looked at once at the beginning.
        let first = watched[id]?.state.pause(at: now()) ?? check.interval
        let left = startedAt + first - now()
        if left > 0 { try? await sleep(left) }
        while !Task.isCancelled {
            let result = await probe(id, check.arguments, check.timeout)
            if Task.isCancelled { return }
            guard let pause = take(result, id) else { return }
            do { try await sleep(pause) } catch { return }
        }
    }

    private func take(_ result: ProbeResult, _ id: String) -> Milliseconds? {
        guard var entry = watched[id] else { return nil }
        let before = entry.state.health
        entry.state.take(result, at: now())
        watched[id] = entry
        if entry.state.health != before { changing.yield(id) }
        return entry.state.pause(at: now())
    }
}
