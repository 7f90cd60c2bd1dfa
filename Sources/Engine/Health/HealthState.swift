import StackModel

/// What a probe said.
struct ProbeResult: Sendable, Hashable {
    var isHealthy: Bool
    /// Its output, cut to what is kept.
    var output: String
}

struct HealthReport: Sendable, Hashable {
    var health: ObservedContainer.Health
    var output: String?
}

/// The health of one container by the results of its probes. Pure.
struct HealthState: Sendable, Hashable {
    private(set) var health: ObservedContainer.Health = .starting
    private(set) var failures = 0
    private(set) var output: String?
    private let check: EffectiveCheck
    private let startedAt: Timestamp

    init(check: EffectiveCheck, startedAt: Timestamp) {
        self.check = check
        self.startedAt = startedAt
    }

    var report: HealthReport { HealthReport(health: health, output: output) }

    private func isStarting(_ now: Timestamp) -> Bool { health == .starting && now < startedAt + check.startPeriod }

    mutating func take(_ result: ProbeResult, at now: Timestamp) {
        output = result.output
        if result.isHealthy {
            failures = 0
            health = .healthy
            return
        }
        // Failures of a container that is still starting do not count.
        if isStarting(now) { return }
        failures += 1
        if failures >= check.retries { health = .unhealthy }
    }

    /// How long after a probe's end the next begins.
    func pause(at now: Timestamp) -> Milliseconds {
        isStarting(now) ? min(check.startInterval, check.interval) : check.interval
    }
}
