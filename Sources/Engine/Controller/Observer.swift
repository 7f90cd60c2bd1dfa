import Containers
import Networks
import StackModel

/// One look at the world, as far as one stack is concerned.
struct Observer: Sendable {
    let world: World

    func look(at desired: Desired) async throws -> Observed {
        let health = await world.health.states()
        let world = world
        return try await world.pool.run { try Self.observe(desired, world, health) }
    }

    private static func observe(_ desired: Desired, _ world: World, _ health: [String: HealthReport]) throws -> Observed {
        let network = try world.networks.inspect()
        let facts = world.facts.of(stack: desired.stack.name)
        var observed = Observed()
        observed.containers = facts.map { container($0, world, network, health[$0.id]) }
        observed.networks = networks(of: desired, network, world)
        observed.volumes = try world.volumes.existing()
        observed.images = images(of: desired, facts, world)
        return observed
    }

    private static func container(
        _ facts: Facts, _ world: World, _ network: NetworkObservation, _ health: HealthReport?
    ) -> ObservedContainer {
        var container = ObservedContainer(
            id: facts.id, name: facts.name, service: facts.service, number: facts.number, spec: facts.spec, imageID: facts.imageID,
            createdAt: facts.createdAt, state: state(facts, world), recreateGeneration: facts.recreateGeneration,
            restartGeneration: facts.restartGeneration, restarts: facts.restarts, stoppedByUser: facts.stoppedByUser,
            drift: network.containers[facts.id] ?? [])
        if case .running = container.state, facts.hasHealthcheck {
            container.health = health?.health ?? .starting
            container.healthOutput = health?.output
        }
        return container
    }

    private static func state(_ facts: Facts, _ world: World) -> ObservedContainer.State {
        if facts.isRemoving { return .broken("its removal was interrupted") }
        guard let status = try? world.containers.status(facts.id) else { return .broken("it was not made completely") }
        switch status.state {
        case .running(_, let since): return .running(since: Timestamp(nanoseconds: since))
        case .paused(_, let since): return .paused(since: Timestamp(nanoseconds: since))
        case .damaged(let why): return .broken(why)
        case .created:
            if facts.isStartDue { return .created }
            // It ran once and the kernel knows nothing of it: the machine was started anew.
            guard let last = facts.restarts.lastStart else { return .created }
            return .exited(.init(code: 255, at: last))
        case .exited(let exit):
            if facts.isStartDue { return .created }
            return .exited(
                .init(
                    code: Int(exit.code), signal: exit.signal.map(Int.init), oomKilled: exit.oomKilled, at: Timestamp(nanoseconds: exit.at)))
        }
    }

    private static func networks(of desired: Desired, _ observation: NetworkObservation, _ world: World) -> [String: ObservedNetwork] {
        var found: [String: ObservedNetwork] = [:]
        let owned = world.networkSpecs.of(stack: desired.stack.name)
        let named = Set(desired.stack.networks.values.map(\.name)).union(owned.keys)
        for name in named where observation.networks[name] != nil {
            let elsewhere = (observation.users[name] ?? []).contains { world.facts[$0]?.stack != desired.stack.name }
            found[name] = ObservedNetwork(
                name: name, spec: owned[name], drift: observation.networks[name] ?? [], usedElsewhere: elsewhere)
        }
        return found
    }

    private static func images(of desired: Desired, _ facts: [Facts], _ world: World) -> [String: String] {
        var images: [String: String] = [:]
        for service in desired.stack.services.values where images[service.image] == nil {
            // The revision's own image as long as it is there: what a tag means today matters only to the next `up`.
            if let id = desired.images[service.image], (try? world.images.resolve(id)) ?? nil != nil {
                images[service.image] = id
            } else if let found = try? world.images.resolve(service.image) {
                images[service.image] = found.id
            }
        }
        return images
    }
}

extension Timestamp {
    init(nanoseconds: Int64) { self.init(milliseconds: Int(nanoseconds / 1_000_000)) }
}
