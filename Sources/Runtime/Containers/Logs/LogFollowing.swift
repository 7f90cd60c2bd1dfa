/// Lines of a log as they come; ends with cancellation, after `until`, or when nobody writes any more.
public struct LogFollowing: AsyncSequence, Sendable {
    let files: LogFiles
    let query: LogQuery
    let isLive: @Sendable () async -> Bool

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    public struct Iterator: AsyncIteratorProtocol {
        /// Waits grow from the first to the second while nothing comes.
        private static let pauses = (shortest: 10, longest: 100)
        private let following: LogFollowing
        private var reader: LogReader?
        private var ready: ArraySlice<LogEntry> = []
        private var hasEnded = false
        private var pause = pauses.shortest

        init(_ following: LogFollowing) { self.following = following }

        /// - Throws: `RuntimeError` when a file cannot be read.
        public mutating func next() async throws -> LogEntry? {
            while true {
                if let entry = ready.popFirst() { return entry }
                if hasEnded || Task.isCancelled { return nil }
                try await refill()
            }
        }

        private mutating func refill() async throws {
            let reader = try self.reader ?? LogReader(following.files, following.query)
            self.reader = reader
            // Asked before the last look: what was written before the end is then always seen.
            let isLive = await following.isLive()
            ready = try reader.next()[...]
            if !ready.isEmpty {
                pause = Self.pauses.shortest
            } else if reader.hasEnded || !isLive {
                ready = reader.finish()[...]
                hasEnded = true
            } else {
                try? await Task.sleep(for: .milliseconds(pause))
                pause = Swift.min(pause * 2, Self.pauses.longest)
            }
        }
    }
}
