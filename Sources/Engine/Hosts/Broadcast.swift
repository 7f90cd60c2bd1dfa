import Synchronization

/// One sender, any number of listeners; a listener that is slow loses the oldest values instead of holding the sender.
final class Broadcast<Value: Sendable>: Sendable {
    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<Value>.Continuation] = [:]
    }
    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int = 4096) { self.capacity = capacity }

    func send(_ value: Value) {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.yield(value) }
    }

    /// Values from now on.
    func listen() -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(capacity))
        let key = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in self?.remove(key) }
        return stream
    }

    private func remove(_ key: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: key) } }
}
