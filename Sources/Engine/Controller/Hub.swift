import Synchronization

/// Hands "look at this container again" to whoever waits for that container.
final class Hub: Sendable {
    private let bells = Mutex<[String: [Int: Doorbell]]>([:])
    private let next = Mutex(0)

    func notify(_ id: String) {
        let waiting = bells.withLock { Array(($0[id] ?? [:]).values) }
        for bell in waiting { bell.ring() }
    }

    /// Waits until `condition` gives a value, asking again at each notice about `id` and every so often besides.
    /// - Returns: nil when the limit passed first.
    /// - Throws: `CancellationError`, and what `condition` throws.
    func wait<Value: Sendable>(
        for id: String, atMost limit: Duration?, until condition: @Sendable () async throws -> Value?
    ) async throws -> Value? {
        let bell = Doorbell()
        let key = next.withLock { next in
            next += 1
            return next
        }
        bells.withLock { $0[id, default: [:]][key] = bell }
        defer {
            bells.withLock { bells in
                bells[id]?[key] = nil
                if bells[id]?.isEmpty == true { bells[id] = nil }
            }
        }
        let end = limit.map { ContinuousClock.now + $0 }
        while true {
            if let value = try await condition() { return value }
            try Task.checkCancellation()
            var pause = Duration.milliseconds(250)
            if let end {
                let left = end - ContinuousClock.now
                if left <= .zero { return nil }
                pause = min(pause, left)
            }
            await bell.wait(atMost: pause)
        }
    }
}
