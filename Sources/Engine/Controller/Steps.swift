import Containers
import Linux
import Networks
import Planner
import StackModel

/// Carries out single steps: one call of the runtime each, and the facts that go with it.
struct Steps: Sendable {
    let world: World
    let desired: Desired
    var stack: String { desired.stack.name }

    /// Doing a step again that was done already does no harm: an interrupted plan is simply made anew.
    func perform(_ step: Step) async throws {
        switch step.action {
        case .createNetwork(let name, let key): try await createNetwork(name, key)
        case .repairNetwork, .repairContainer: try await repair(step)
        case .removeNetwork(let name): try await removeNetwork(name)
        case .createVolume(let name, let key): try await createVolume(name, key)
        case .removeVolume(let name): try await removeVolume(name)
        case .createContainer(let service, let number, let name): try await create(service, number, name)
        case .startContainer(let id, let name, _): try await start(try find(id, name), step.because)
        case .stopContainer(let id, let name, let grace): try await stop(try find(id, name), grace)
        case .killContainer(let id, let name): try await kill(try find(id, name))
        case .removeContainer(let id, let name, let anonymous): try await remove(id, name, anonymousVolumes: anonymous)
        case .waitHealthy(let id, let name, _): try await waitHealthy(try find(id, name))
        case .waitCompleted(let id, let name, _): try await waitCompleted(try find(id, name))
        case .updateRecord(let id, let name, let service): try await updateRecord(try find(id, name), service)
        }
    }

    /// The container by id, or by the name under which this plan made it.
    func find(_ id: String?, _ name: String) throws(Failure) -> Facts {
        if let id, let facts = world.facts[id] { return facts }
        if let facts = world.facts.of(stack: stack).first(where: { $0.name == name }) { return facts }
        throw Failure(code: .notFound, what: "container \(name)", cause: "it is gone")
    }

    // MARK: networks and volumes

    private func createNetwork(_ name: String, _ key: String) async throws {
        guard let network = desired.stack.networks[key] else { return }
        let (world, stack) = (world, stack)
        try await world.pool.run {
            if let owner = world.networkSpecs.owner(of: name), owner != stack {
                throw Failure(
                    code: .conflict, what: "network \(name)", cause: "it belongs to stack \"\(owner)\"",
                    hint: "give it another name, or declare it as external")
            }
            try world.networkSpecs.add(network, stack: stack)
            do throws(NetworkError) {
                _ = try world.networks.create(NetworkRequest(network))
            } catch {
                world.networkSpecs.remove(name)
                throw Failure(error, "network \(name)")
            }
        }
        world.tell(stack: stack, "network", "create", name)
    }

    private func removeNetwork(_ name: String) async throws {
        let world = world
        try await world.pool.run {
            do throws(NetworkError) { try world.networks.remove(name) } catch { throw Failure(error, "network \(name)") }
            world.networkSpecs.remove(name)
        }
        world.tell(stack: stack, "network", "destroy", name)
    }

    /// Puts everything recorded back: the same call whatever was lost, as a deleted bridge takes its containers' links along.
    private func repair(_ step: Step) async throws {
        let world = world
        let mended = try await world.pool.run { () throws -> [String] in
            do throws(NetworkError) { return try world.networks.repair() } catch { throw Failure(error, "\(step.id)") }
        }
        for sentence in mended { world.tell(stack: stack, "network", "repair", sentence) }
        if case .repairContainer(let id, let name) = step.action { try await rejoin(try find(id, name)) }
    }

    /// A container whose namespace's pin was lost runs on in a network that nobody can reach any more: it is started in the new one.
    private func rejoin(_ facts: Facts) async throws {
        let world = world
        let isAstray = await world.pool.run { () -> Bool in
            guard case .running(let pid, _)? = (try? world.containers.status(facts.id))?.state,
                let path = (try? world.containers.record(facts.id))?.networkNamespace,
                let own = try? File.status("/proc/\(pid)/ns/net"), let pinned = try? File.status(path)
            else { return false }
            return own.inode != pinned.inode
        }
        guard isAstray else { return }
        try await kill(facts)
        try await start(facts, .drift(["its network namespace was lost"]))
    }

    private func createVolume(_ name: String, _ key: String) async throws {
        guard let volume = desired.stack.volumes[key] else { return }
        let (world, stack) = (world, stack)
        try await world.pool.run { try world.volumes.ensure(volume, stack: stack, now: world.now()) }
        world.tell(stack: stack, "volume", "create", name)
    }

    private func removeVolume(_ name: String) async throws {
        let world = world
        try await world.pool.run { try world.volumes.remove(name) }
        world.tell(stack: stack, "volume", "destroy", name)
    }

    private func updateRecord(_ facts: Facts, _ service: String) async throws {
        guard let spec = desired.stack.services[service] else { return }
        let (world, desired) = (world, desired)
        try await world.pool.run {
            try world.facts.change(facts.id) { facts in
                facts.spec = spec
                facts.recreateGeneration = desired.recreateGeneration[service] ?? 0
                facts.restartGeneration = desired.restartGeneration[service] ?? 0
            }
        }
    }
}

extension Failure {
    init(_ error: NetworkError, _ what: String) {
        self.init(code: .runtime, what: what, cause: "\(error)")
    }

    init(_ error: RuntimeError, _ name: String) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .exists, .running, .notRunning: .conflict
            case .invalid: .invalid
            case .launch: .launch
            case .damaged, .system: .runtime
            }
        self.init(code: code, what: "container \(name)", cause: [error.what, error.cause].compactMap { $0 }.joined(separator: ": "), hint: error.hint)
    }
}
