import Cgroups
import Containers
import Linux
import Networks
import StackModel

extension Engine {
    public func stacks() async throws -> [StackSummary] {
        let names = Set(allControllers().map(\.name)).union(world.facts.everything().map(\.stack))
        var summaries: [StackSummary] = []
        for name in names.sorted() {
            let rows = try await containers(stack: name)
            let counts = Dictionary(grouping: rows, by: \.state).mapValues(\.count)
            let status = counts.sorted { $0.key < $1.key }.map { "\($0.key)(\($0.value))" }.joined(separator: ", ")
            summaries.append(StackSummary(name: name, status: status, files: await desired(name)?.stack.files ?? []))
        }
        return summaries
    }

    public func desired(_ stack: String) async -> Desired? { await controller(stack)?.desired }

    /// - Parameter stack: nil for all.
    public func containers(stack: String?) async throws -> [ContainerSummary] {
        let health = await world.health.states()
        let world = world
        let facts = stack.map { world.facts.of(stack: $0) } ?? world.facts.everything()
        return await world.pool.run { facts.map { Self.summary($0, world, health[$0.id]) } }
    }

    private static func summary(_ facts: Facts, _ world: World, _ health: HealthReport?) -> ContainerSummary {
        var row = ContainerSummary(
            id: facts.id, name: facts.name, stack: facts.stack, service: facts.service, number: facts.number, image: facts.spec.image,
            imageID: facts.imageID, command: facts.command, state: "created", health: .none, createdAt: facts.createdAt)
        row.startedAt = facts.restarts.lastStart
        row.restarts = facts.restarts.total
        row.publishers = facts.publishers
        row.exposed = facts.spec.expose
        row.networks = facts.addresses
        row.labels = facts.spec.labels
        row.mounts = facts.spec.mounts.map(\.target)
        guard let status = try? world.containers.status(facts.id) else {
            row.state = facts.isRemoving ? "removing" : "dead"
            return row
        }
        switch status.state {
        case .created: row.state = "created"
        case .running(let pid, let since):
            row.state = "running"
            row.pid = Int(pid)
            row.startedAt = Timestamp(nanoseconds: since)
            if facts.hasHealthcheck {
                row.health = health?.health ?? .starting
                row.healthOutput = health?.output
            }
        case .paused(let pid, let since):
            row.state = "paused"
            row.pid = Int(pid)
            row.startedAt = Timestamp(nanoseconds: since)
        case .exited(let exit):
            row.state = "exited"
            row.exitCode = Int(exit.code)
            row.oomKilled = exit.oomKilled
            row.finishedAt = Timestamp(nanoseconds: exit.at)
        case .damaged: row.state = "dead"
        }
        return row
    }

    public func events(stack: String?) -> AsyncStream<StackEvent> {
        let all = world.events.listen()
        guard let stack else { return all }
        return AsyncStream { continuation in
            let task = Task {
                for await event in all where event.stack == stack { continuation.yield(event) }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    public func info() async throws -> SystemInfo {
        let rows = try await containers(stack: nil)
        let images = try await images()
        let world = world
        let networkNotes = await world.pool.run { world.networks.notes() }
        let layout = try? CgroupLayout.current().name
        return SystemInfo(
            version: configuration.version, pid: Int(Host.ownPid), root: configuration.root, run: configuration.run,
            engine: EngineID(root: configuration.root).text, stacks: Set(rows.map(\.stack)).union(allControllers().map(\.name)).count,
            containers: rows.count, running: rows.count { $0.state == "running" }, images: images.count, kernel: Host.kernelRelease,
            cgroups: layout ?? "unknown", notes: notes.withLock { $0 } + networkNotes)
    }
}
