import Containers
import Linux
import Networks
import Planner
import StackModel

extension Steps {
    // MARK: start

    func start(_ facts: Facts, _ because: Reason) async throws {
        let (world, desired) = (world, desired)
        do {
            try await world.pool.run {
                do throws(RuntimeError) {
                    try world.containers.start(facts.id)
                } catch {
                    throw Failure(error, facts.name)
                }
            }
        } catch {
            try await failedStart(facts, because, error)
            throw error
        }
        let isRestart = because.isRestartByPolicy
        try await world.pool.run {
            try world.facts.change(facts.id) { facts in
                facts.isStartDue = false
                facts.stoppedByUser = false
                facts.restartGeneration = desired.restartGeneration[facts.service] ?? 0
                facts.restarts.attempts = isRestart ? because.attempt ?? facts.restarts.attempts + 1 : 0
                facts.restarts.total += isRestart ? 1 : 0
                facts.restarts.lastStart = world.now()
                facts.restarts.startFailure = nil
            }
            world.networks.setReady(facts.id, true)
        }
        world.tell(facts, isRestart || because == .restartRequested ? "restart" : "start")
        await HealthWatch(world: world).begin(facts.id)
    }

    private func failedStart(_ facts: Facts, _ because: Reason, _ error: any Error) async throws {
        let world = world
        let attempt = because.attempt ?? facts.restarts.attempts + 1
        try await world.pool.run {
            try world.facts.change(facts.id) { facts in
                facts.restarts.startFailure = (error as? Failure)?.cause ?? "\(error)"
                facts.restarts.lastFailure = world.now()
                facts.restarts.attempts = attempt
            }
        }
    }

    // MARK: stop

    /// Its stop signal, then SIGKILL to all its processes once `grace` has passed.
    func stop(_ facts: Facts, _ grace: Milliseconds) async throws {
        let world = world
        let isRunning = try await world.pool.run { () throws -> Bool in
            guard let signal = try? world.containers.record(facts.id).stopSignal else { return false }
            // A frozen process hears nothing.
            try? world.containers.resume(facts.id)
            do throws(RuntimeError) {
                try world.containers.signal(facts.id, signal)
                return true
            } catch {
                if error.code == .notRunning || error.code == .notFound { return false }
                throw Failure(error, facts.name)
            }
        }
        if isRunning, try await ended(facts, atMost: .milliseconds(grace.value)) == nil { try await kill(facts) }
        await stopped(facts)
        if isRunning { world.tell(facts, "stop") }
    }

    func kill(_ facts: Facts) async throws {
        let world = world
        try await world.pool.run {
            do throws(RuntimeError) { try world.containers.killAll(facts.id) } catch { throw Failure(error, facts.name) }
        }
        guard try await ended(facts, atMost: .seconds(30)) != nil else {
            throw Failure(
                code: .timeout, what: "container \(facts.name)", cause: "its processes did not end within 30 s of SIGKILL",
                hint: "a process may hang in the kernel (a dead NFS server, a broken disk): see /proc/PID/stack")
        }
        await stopped(facts)
    }

    private func stopped(_ facts: Facts) async {
        let world = world
        await world.health.forget(facts.id)
        await world.pool.run { () -> Void in
            world.networks.setReady(facts.id, false)
            // Stopped on purpose: what made it due to start is over.
            try? world.facts.change(facts.id) { $0.isStartDue = false }
        }
    }

    /// Waits until the container runs no more.
    /// - Returns: nil when `limit` passed first.
    private func ended(_ facts: Facts, atMost limit: Duration?) async throws -> Bool? {
        let world = world
        return try await world.hub.wait(for: facts.id, atMost: limit) {
            await world.pool.run { () -> Bool? in
                guard let status = try? world.containers.status(facts.id) else { return true }
                switch status.state {
                case .running, .paused: return nil
                default: return true
                }
            }
        }
    }

    // MARK: remove

    func remove(_ id: String, _ name: String, anonymousVolumes: Bool) async throws {
        guard let facts = world.facts[id] else { return }
        let world = world
        await world.health.forget(id)
        try await world.pool.run {
            try world.facts.change(id) { $0.isRemoving = true }
            do {
                // What is half made may still run if its record was lost.
                try? world.containers.killAll(id)
                // Its folder, which names it, goes last: a daemon that is killed before that leaves it to the next one.
                if anonymousVolumes { try world.volumes.removeAnonymous(of: facts.volumeOwner) }
                do throws(NetworkError) { try world.networks.detach(id) } catch { throw Failure(error, "container \(name)") }
                try world.containers.delete(id)
            } catch {
                throw (error as? Failure) ?? (error as? RuntimeError).map { Failure($0, name) } ?? error
            }
            world.facts.remove(id)
        }
        world.tell(facts, "destroy")
    }

    // MARK: waits

    func waitHealthy(_ facts: Facts) async throws {
        let world = world
        let failure = try await world.hub.wait(for: facts.id, atMost: nil) { () async throws -> Failure?? in
            guard let now = world.facts[facts.id] else { throw CancellationError() }
            let status = await world.pool.run { try? world.containers.status(facts.id).state }
            switch status {
            case .exited(let exit)?:
                return .some(Failure(
                    code: .exited, what: "dependency failed to start: container \(facts.name) exited (\(exit.code))",
                    hint: "see `gantry logs \(facts.service)`"))
            case .running?, .paused?:
                if !now.hasHealthcheck {
                    return .some(Failure(
                        code: .unhealthy, what: "dependency failed to start: container \(facts.name) has no healthcheck configured",
                        hint: "give \(facts.service) a healthcheck, or use condition: service_started"))
                }
                let report = await world.health.states()[facts.id]
                switch report?.health {
                case .healthy?: return .some(nil)
                case .unhealthy?:
                    return .some(Failure(
                        code: .unhealthy, what: "dependency failed to start: container \(facts.name) is unhealthy",
                        cause: report?.output.flatMap { $0.isEmpty ? nil : $0 }, hint: "see `gantry logs \(facts.service)`"))
                default: return nil
                }
            default: return nil
            }
        }
        if let failure = failure ?? nil { throw failure }
    }

    func waitCompleted(_ facts: Facts) async throws {
        let world = world
        let code = try await world.hub.wait(for: facts.id, atMost: nil) { () async throws -> Int32? in
            guard world.facts[facts.id] != nil else { throw CancellationError() }
            let status = await world.pool.run { try? world.containers.status(facts.id).state }
            if case .exited(let exit)? = status { return exit.code }
            return nil
        }
        if let code, code != 0 {
            throw Failure(
                code: .exited, what: "service \"\(facts.service)\" didn't complete successfully: exit \(code)",
                hint: "see `gantry logs \(facts.service)`")
        }
    }
}

extension Facts {
    /// Anonymous volumes belong to the place in the stack, so that a container's replacement gets them.
    var volumeOwner: String { "\(stack)/\(service)/\(number)" }
}

extension Reason {
    /// Restarts that the policy asks for count; those a person asks for do not.
    var isRestartByPolicy: Bool {
        switch self {
        case .exited, .startFailed, .unhealthy: true
        default: false
        }
    }

    /// Which restart by policy this is, where the plan counted it.
    var attempt: Int? {
        switch self {
        case .exited(_, _, _, let attempt), .startFailed(_, let attempt): attempt
        default: nil
        }
    }
}
