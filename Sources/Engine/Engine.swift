import Containers
import Images
import Linux
import Networks
import StackModel
import Synchronization

public struct EngineConfiguration: Sendable {
    /// State: what is wanted, images, volumes, containers' files.
    public var root: String
    /// Run files: sockets, pinned namespaces.
    public var run: String
    /// Path of the `gantry-shim` program.
    public var shim: String
    public var version: String
    public init(root: String, run: String, shim: String, version: String) {
        self.root = root
        self.run = run
        self.shim = shim
        self.version = version
    }
}

/// Where desired meets observed: one engine over a root folder keeps all its stacks as they are meant to be.
///
/// Two engines with different folders run side by side on one host and never touch each other's things.
public final class Engine: Sendable {
    let configuration: EngineConfiguration
    let world: World
    let stacks: StackStore
    let imageStore: ImageStore?
    let lock: FileLock?
    let notes = Mutex<[String]>([])
    private let controllers = Mutex<[String: StackController]>([:])
    private let arrivals: AsyncStream<StackController>
    private let arriving: AsyncStream<StackController>.Continuation

    /// Opens the stores and takes the engine's lock.
    /// - Throws: a `Failure` when another daemon holds the lock (with its pid) or a folder cannot be used.
    public convenience init(_ configuration: EngineConfiguration) throws(Failure) {
        let lock = try Self.lock(configuration)
        var notes: [String] = []
        let facts = try FactsStore(root: configuration.root) { notes.append($0) }
        let images: ImageStore
        let world: World
        do {
            images = try ImageStore(root: configuration.root)
            let engine = EngineID(root: configuration.root)
            let containers = try ContainerRuntime(
                root: configuration.root, run: configuration.run, shim: configuration.shim, cgroup: "gantry-\(engine.text)")
            let now: @Sendable () -> Timestamp = { Timestamp(nanoseconds: Clock.realNanoseconds) }
            let probe = ContainerProbe(containers: containers)
            world = World(
                containers: containers,
                networks: try NetworkRuntime(root: configuration.root, run: configuration.run, engine: engine.text),
                images: images, volumes: try VolumeStore(root: configuration.root), facts: facts,
                networkSpecs: try NetworkSpecs(root: configuration.root), health: HealthProber(probe: { await probe.run($0, $1, $2) }, now: now),
                pool: try BlockingPool(threads: 24), root: configuration.root,
                now: now, newID: ContainerID.random)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(code: .runtime, what: "start the engine on \(configuration.root)", cause: "\(error)")
        }
        try self.init(configuration, world: world, images: images, lock: lock, notes: notes)
    }

    init(_ configuration: EngineConfiguration, world: World, images: ImageStore?, lock: FileLock?, notes: [String]) throws(Failure) {
        self.configuration = configuration
        self.world = world
        self.imageStore = images
        self.lock = lock
        stacks = try StackStore(root: configuration.root)
        (arrivals, arriving) = AsyncStream.makeStream(of: StackController.self)
        var told = notes
        for desired in try stacks.load(tell: { told.append($0) }) { _ = controller(for: desired) }
        self.notes.withLock { $0 = told }
    }

    private static func lock(_ configuration: EngineConfiguration) throws(Failure) -> FileLock {
        let path = "\(configuration.run)/gantryd.lock"
        do throws(SyscallError) {
            try File.makeDirectories(configuration.root, mode: 0o700)
            try File.makeDirectories(configuration.run, mode: 0o700)
            let lock = try FileLock(path, wait: false)
            try lock.write("\(Host.ownPid)\n")
            return lock
        } catch {
            if error.name == "EWOULDBLOCK" || error.name == "EAGAIN" {
                let pid = (try? File.text(path))?.filter(\.isNumber) ?? "?"
                throw Failure(
                    code: .busy, what: "start gantryd on \(configuration.run)", cause: "another gantryd (pid \(pid)) serves it",
                    hint: "use that one, or other folders with --root and --run")
            }
            throw Failure(code: .runtime, what: "start gantryd on \(configuration.run)", cause: error.description)
        }
    }

    // MARK: controllers

    func controller(_ stack: String) -> StackController? { controllers.withLock { $0[stack] } }

    func allControllers() -> [StackController] { controllers.withLock { Array($0.values) } }

    /// The controller of the stack, made with this wish if there is none.
    func controller(for desired: Desired) -> (StackController, isNew: Bool) {
        controllers.withLock { controllers in
            if let there = controllers[desired.stack.name] { return (there, false) }
            let controller = StackController(desired, world: world, store: stacks)
            controllers[desired.stack.name] = controller
            arriving.yield(controller)
            return (controller, true)
        }
    }

    private func forget(_ controller: StackController) {
        controllers.withLock { controllers in
            if controllers[controller.name] === controller { controllers[controller.name] = nil }
        }
    }

    // MARK: running

    /// Adopts what runs, repairs what drifted, serves names and keeps all stacks; returns when the task is cancelled. Containers
    /// go on without it.
    public func run() async {
        await adopt()
        await tidy()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.world.networks.serve() }
            group.addTask { await self.watchContainers() }
            group.addTask { await self.watchNetworks() }
            group.addTask { await self.watchHealth() }
            for await controller in arrivals {
                group.addTask {
                    await controller.run()
                    self.forget(controller)
                    await self.tidy()
                }
            }
            group.cancelAll()
        }
        // Bridges are removed in the background: they must not outlive the daemon.
        let world = world
        await world.pool.run { world.networks.settle() }
    }

    private func adopt() async {
        let world = world
        let problem = await world.pool.run { () -> String? in
            // A removal that was cut short after the container's folder went.
            for id in world.networks.attached() where world.facts[id] == nil { try? world.networks.detach(id) }
            do { _ = try world.networks.repair() } catch { return "networks: \(error)" }
            return nil
        }
        if let problem { notes.withLock { $0.append(problem) } }
        for facts in world.facts.everything() {
            await HealthWatch(world: world).begin(facts.id)
            let isRunning = await world.pool.run { (try? world.containers.status(facts.id))?.isLive ?? false }
            if isRunning { world.networks.setReady(facts.id, true) }
        }
    }

    /// Nothing of ours stays in the kernel once the last stack is gone.
    private func tidy() async {
        let world = world
        guard allControllers().isEmpty, world.facts.everything().isEmpty else { return }
        await world.pool.run { world.containers.removeEmptyCgroups() }
    }

    private func watchContainers() async {
        for await id in world.containers.changes() {
            world.hub.notify(id)
            guard let facts = world.facts[id] else { continue }
            let world = world
            let state = await world.pool.run { (try? world.containers.status(id))?.state }
            if case .exited(let exit)? = state {
                world.networks.setReady(id, false)
                await world.health.forget(id)
                if exit.oomKilled { world.tell(facts, "oom") }
                world.tell(facts, "die", ["exitCode": "\(exit.code)"])
            }
            controller(facts.stack)?.bell.ring()
        }
    }

    private func watchNetworks() async {
        for await _ in world.networks.changes() {
            for controller in allControllers() { controller.bell.ring() }
        }
    }

    private func watchHealth() async {
        for await id in world.health.changes {
            world.hub.notify(id)
            guard let facts = world.facts[id] else { continue }
            if let report = await world.health.states()[id] {
                world.tell(facts, "health_status: \(report.health.rawValue)")
                world.networks.setReady(id, report.health != .unhealthy)
            }
            controller(facts.stack)?.bell.ring()
        }
    }
}

extension ContainerStatus {
    var isLive: Bool {
        switch state {
        case .running, .paused: true
        default: false
        }
    }
}
