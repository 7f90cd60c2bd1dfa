import Containers
import StackModel

extension Engine {
    /// The output of a stack's containers by time; with `follow` also what comes, across restarts and replaced replicas.
    public func logs(_ request: LogsRequest) async throws -> AsyncThrowingStream<LogLine, any Error> {
        if let desired = await desired(request.stack) {
            for name in request.services where desired.stack.services[name] == nil { throw Wish.unknown(name, in: desired.stack) }
        } else if world.facts.of(stack: request.stack).isEmpty {
            throw Failure.noStack(request.stack)
        }
        return request.follow ? follow(request) : try await read(request)
    }

    private func chosen(_ request: LogsRequest) -> [Facts] {
        world.facts.of(stack: request.stack).filter { facts in
            (request.services.isEmpty || request.services.contains(facts.service)) && (request.index == nil || request.index == facts.number)
        }
    }

    private func read(_ request: LogsRequest) async throws -> AsyncThrowingStream<LogLine, any Error> {
        let query = LogQuery(request)
        let (world, facts) = (world, chosen(request))
        let lines = try await world.pool.run { () throws -> [(Int64, LogLine)] in
            var lines: [(Int64, LogLine)] = []
            for facts in facts {
                do throws(RuntimeError) {
                    lines += try LogFiles(folder: world.containers.logFolder(facts.id)).read(query).map { ($0.time, LogLine($0, of: facts)) }
                } catch {
                    throw Failure(error, facts.name)
                }
            }
            return lines
        }
        // A stable order also for lines of one moment.
        let sorted = lines.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
        return AsyncThrowingStream { continuation in
            for line in sorted { continuation.yield(line) }
            continuation.finish()
        }
    }

    private func follow(_ request: LogsRequest) -> AsyncThrowingStream<LogLine, any Error> {
        AsyncThrowingStream { continuation in
            let events = world.events.listen()
            let task = Task {
                await withDiscardingTaskGroup { group in
                    var followed = Set<String>()
                    func add(_ query: LogQuery) {
                        for facts in chosen(request) where followed.insert(facts.id).inserted {
                            group.addTask { await self.follow(facts, query, into: continuation) }
                        }
                    }
                    add(LogQuery(request))
                    // Replacements are followed from their first line.
                    for await event in events where event.stack == request.stack && event.action == "create" {
                        add(LogQuery(until: request.until.map { Int64($0.milliseconds) * 1_000_000 }))
                    }
                    group.cancelAll()
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func follow(_ facts: Facts, _ query: LogQuery, into continuation: AsyncThrowingStream<LogLine, any Error>.Continuation) async {
        let world = world
        let entries = LogFiles(folder: world.containers.logFolder(facts.id)).follow(query) { world.facts[facts.id] != nil }
        do {
            for try await entry in entries { continuation.yield(LogLine(entry, of: facts)) }
        } catch {
            // The folder went with its container; its replacement is followed on its own.
        }
    }
}

extension LogQuery {
    init(_ request: LogsRequest) {
        self.init(
            tail: request.tail, since: request.since.map { Int64($0.milliseconds) * 1_000_000 },
            until: request.until.map { Int64($0.milliseconds) * 1_000_000 })
    }
}

extension LogLine {
    init(_ entry: LogEntry, of facts: Facts) {
        self.init(
            container: facts.name, service: facts.service, at: Timestamp(nanoseconds: entry.time), time: LogTime.text(entry.time),
            stream: entry.stream.rawValue, text: entry.text)
    }
}
