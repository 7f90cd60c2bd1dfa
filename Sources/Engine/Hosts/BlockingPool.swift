import Glibc
import Linux

/// The threads that make blocking kernel calls, so that no thread of Swift's own pool ever waits for the kernel.
final class BlockingPool: Sendable {
    private let queue: JobQueue

    /// - Parameter threads: how many calls may be under way at once; more wait in order.
    init(threads: Int) throws(SyscallError) {
        let queue = JobQueue()
        self.queue = queue
        for number in 0..<threads {
            try NamedThread.start("gantry-call-\(number)") {
                while let job = queue.take() { job() }
            }
        }
    }

    deinit { queue.close() }

    /// Runs `body` on a thread of the pool and waits for it without blocking.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.put { continuation.resume(with: Result(catching: body)) }
        }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.put { continuation.resume(returning: body()) }
        }
    }
}

/// A queue of calls guarded by a POSIX mutex and condition, pthread_cond_wait(3): its takers are plain threads.
private final class JobQueue: @unchecked Sendable {
    private var mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var first = 0
    private var isClosed = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    func put(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    /// The next call; nil when the queue was closed.
    func take() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while first == jobs.count {
            if isClosed { return nil }
            pthread_cond_wait(condition, mutex)
        }
        let job = jobs[first]
        first += 1
        if first == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            first = 0
        }
        return job
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(condition)
    }
}
