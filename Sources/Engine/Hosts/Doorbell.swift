import Synchronization

/// Something to wait for: it rings, or the time is over. A ring while nobody waits is remembered once.
///
/// Rings mean "look again" and carry nothing: a missed or doubled one cannot become wrong state.
final class Doorbell: Sendable {
    private struct State {
        var hasRung = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    func ring() {
        let waiters = state.withLock { state in
            state.hasRung = state.waiters.isEmpty
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns at a ring, after `limit`, or when the task is cancelled.
    func wait(atMost limit: Duration?) async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let timer = limit.map { limit in
            Task {
                try? await Task.sleep(for: limit)
                self.release(key)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.hasRung || Task.isCancelled {
                        state.hasRung = false
                        return true
                    }
                    state.waiters[key] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            release(key)
        }
        timer?.cancel()
    }

    private func release(_ key: Int) {
        state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
    }
}
