import Linux
import Synchronization

/// Slow removals (a bridge takes the kernel 50 ms), one after the other and beside everything else.
final class Cleaning: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isRunning = false
    }
    private let state = Mutex(State())

    func run(_ job: @escaping @Sendable () -> Void) {
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mustStart else { return }
        do throws(SyscallError) { try NamedThread.start("gantry-cleaning") { self.work() } } catch { work() }
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            if state.jobs.isEmpty {
                state.isRunning = false
                return nil
            }
            return state.jobs.removeFirst()
        }
    }

    /// Waits until all that was given is done.
    func wait() {
        while state.withLock({ $0.isRunning }) { Clock.sleep(milliseconds: 2) }
    }
}
