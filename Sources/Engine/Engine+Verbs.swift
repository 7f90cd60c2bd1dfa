import Containers
import Images
import Networks
import Planner
import StackModel

extension Engine {
    /// Makes a stack as the request says and keeps it so. The stream ends with exactly one result; the work goes on when its
    /// reader goes away.
    public func up(_ request: UpRequest) -> AsyncStream<StreamItem> {
        stream { tell in try await self.beginUp(request, tell) }
    }

    /// Takes a stack down. One that is not there is no error: there is nothing to do.
    public func down(_ request: DownRequest) -> AsyncStream<StreamItem> {
        stream { _ in try await self.beginDown(request) }
    }

    /// `start stop restart kill rm pause unpause scale`.
    public func change(_ request: ServicesRequest) -> AsyncStream<StreamItem> {
        stream { _ in try await self.beginChange(request) }
    }

    /// What `up` with this request would do and why; changes nothing.
    public func plan(_ request: UpRequest) async throws -> Plan {
        let old = await controller(request.stack.name)?.desired
        let desired = try Wish.up(request, from: old, images: try await images(request.stack, nil).found)
        let observed = try await Observer(world: world).look(at: desired)
        return Planner.plan(desired: desired, observed: observed, policy: world.policy, now: world.now())
    }

    /// Takes every stack down.
    public func stopAll() -> AsyncStream<StreamItem> {
        let names = Set(allControllers().map(\.name)).union(world.facts.everything().map(\.stack)).sorted()
        let downs = names.map { name in
            var request = DownRequest(stack: name)
            request.removeOrphans = true
            return self.down(request)
        }
        return StreamMerge.all(downs)
    }

    // MARK: up

    private func beginUp(_ request: UpRequest, _ tell: @escaping @Sendable (Progress) -> Void) async throws -> AsyncStream<StreamItem> {
        let chosen = try Wish.closure(request.services, in: request.stack, withDependencies: !request.noDeps)
        let unavailable = await fetch(request, chosen, tell)
        if !unavailable.isEmpty { return Self.failed(unavailable) }
        let (found, missing) = try await images(request.stack, chosen)
        // Before anything is changed: what cannot work is said and nothing is touched.
        var failures = missing
        failures += Refusal.all(request.stack, chosen)
        failures += try await portFailures(request.stack, chosen)
        if !failures.isEmpty { return Self.failed(failures) }
        // Whoever asks wants to be sure.
        world.networks.touch()
        if !request.noStart { try await makeDue(stack: request.stack.name, chosen) }
        var until: Timestamp?
        if let timeout = request.waitTimeout { until = world.now() + timeout }
        let goal: Session.Goal = request.wait ? .ready(until: until) : .carriedOut
        return try await want(request.stack.name, goal) { old in
            try Wish.up(request, from: old, images: found)
        } first: {
            try Wish.up(request, from: nil, images: found)
        }
    }

    /// Images of the stack's services by reference, and what is missing of the chosen services'.
    private func images(_ stack: Stack, _ chosen: Set<String>?) async throws -> (found: [String: String], missing: [Failure]) {
        let world = world
        return try await world.pool.run {
            var found: [String: String] = [:]
            var missing: [Failure] = []
            for service in stack.services.values.sorted(by: { $0.name < $1.name }) {
                if found[service.image] != nil { continue }
                do throws(ImageError) {
                    if let image = try world.images.resolve(service.image) {
                        found[service.image] = image.id
                        continue
                    }
                } catch {
                    throw Failure(code: .runtime, what: "image \(service.image)", cause: "\(error)")
                }
                if chosen?.contains(service.name) ?? false { missing.append(.imageMissing(service.image, service: service.name)) }
            }
            return (found, missing)
        }
    }

    private func portFailures(_ stack: Stack, _ chosen: Set<String>) async throws -> [Failure] {
        let world = world
        return try await world.pool.run {
            let own = Set(world.facts.of(stack: stack.name).map(\.id))
            var failures: [Failure] = []
            for service in stack.services.values.sorted(by: { $0.name < $1.name }) where chosen.contains(service.name) {
                let ports = service.ports.compactMap(PublishedPort.init(fixed:))
                if ports.isEmpty { continue }
                for conflict in world.networks.portConflicts(ports, ignoring: own) {
                    failures.append(Failure(conflict, service: service.name, name: { world.facts[$0]?.name }))
                }
            }
            return failures
        }
    }

    /// Containers that ended or were never started are started by the next plan, whatever their restart policy says.
    private func makeDue(stack: String, _ services: Set<String>) async throws {
        let world = world
        try await world.pool.run {
            for facts in world.facts.of(stack: stack) where services.contains(facts.service) {
                guard let status = try? world.containers.status(facts.id), !status.isLive else { continue }
                try world.facts.change(facts.id) { facts in
                    facts.isStartDue = true
                    facts.stoppedByUser = false
                    facts.restarts.attempts = 0
                    facts.restarts.startFailure = nil
                }
            }
        }
    }

    // MARK: down

    private func beginDown(_ request: DownRequest) async throws -> AsyncStream<StreamItem> {
        if controller(request.stack) == nil {
            // Containers whose wish was lost (a damaged file) can still be taken down.
            guard !world.facts.of(stack: request.stack).isEmpty else { return Self.nothingToDo(request.stack) }
        }
        if controller(request.stack) != nil, !request.removeOrphans, request.services.isEmpty { /* orphans are noted by the plan */  }
        let goal: Session.Goal = request.services.isEmpty ? .gone : .carriedOut
        return try await want(request.stack, goal) { old in
            try Wish.down(request, from: old)
        } first: {
            var lost = request
            lost.removeOrphans = true
            lost.services = []
            return try Wish.down(lost, from: Desired(stack: Stack(name: request.stack), services: []))
        }
    }

    // MARK: services

    private func beginChange(_ request: ServicesRequest) async throws -> AsyncStream<StreamItem> {
        guard let controller = controller(request.stack) else { throw Failure.noStack(request.stack) }
        switch request.verb {
        case .kill, .pause, .unpause:
            let desired = await controller.desired
            let named = try Wish.closure(request.services, in: desired.stack, withDependencies: false)
            return await Direct(world: world, stack: request.stack, services: named).run(request)
        case .start:
            let desired = await controller.desired
            try await makeDue(stack: request.stack, try Wish.closure(request.services, in: desired.stack, withDependencies: false))
        default: break
        }
        return try await want(request.stack, .carriedOut) { old in
            try Wish.services(request, from: old)
        } first: {
            throw Failure.noStack(request.stack)
        }
    }

    // MARK: wishes and streams

    /// Gives the wish to the stack's controller, made if there is none; again if that one ended in the same moment.
    private func want(
        _ stack: String, _ goal: Session.Goal, _ change: @escaping @Sendable (Desired) throws -> Desired,
        first: @Sendable () throws -> Desired
    ) async throws -> AsyncStream<StreamItem> {
        while true {
            if let there = controller(stack) {
                if let stream = try await there.want(goal, change) { return stream }
                await Task.yield()
                continue
            }
            let desired = try first()
            let (controller, isNew) = controller(for: desired)
            if let stream = try await controller.want(goal, { isNew ? desired : try change($0) }) { return stream }
        }
    }

    /// A stream that turns an error of its beginning into its result.
    func stream(
        _ begin: @escaping @Sendable (_ tell: @escaping @Sendable (Progress) -> Void) async throws -> AsyncStream<StreamItem>
    ) -> AsyncStream<StreamItem> {
        AsyncStream { continuation in
            Task {
                do {
                    for await item in try await begin({ continuation.yield(.progress($0)) }) { continuation.yield(item) }
                } catch {
                    let failure = (error as? Failure) ?? Failure(code: .internal, what: "\(error)")
                    continuation.yield(.result(VerbResult(ok: false, errors: [failure])))
                }
                continuation.finish()
            }
        }
    }

    static func failed(_ failures: [Failure]) -> AsyncStream<StreamItem> {
        AsyncStream { continuation in
            continuation.yield(.result(VerbResult(ok: false, errors: failures)))
            continuation.finish()
        }
    }

    private static func nothingToDo(_ stack: String) -> AsyncStream<StreamItem> {
        AsyncStream { continuation in
            continuation.yield(.result(VerbResult(ok: true, notes: ["No resource found to remove for project \"\(stack)\"."])))
            continuation.finish()
        }
    }
}

extension Failure {
    static func noStack(_ name: String) -> Failure {
        Failure(code: .notFound, what: "there is no stack \"\(name)\"", hint: "bring it up with `gantry up -d`, or see `gantry ls`")
    }
}
