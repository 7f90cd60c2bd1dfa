import Linux
import StackModel
import Synchronization
import TestSupport

@testable import Engine

/// An engine on a world of fakes, in a folder of its own.
final class Stage: Sendable {
    let scratch: Scratch
    let containers: FakeContainers
    let networks: FakeNetworks
    private let task = Mutex<Task<Void, Never>?>(nil)
    let engine: Engine

    /// - Parameter after: an earlier stage, whose daemon is gone and whose containers, networks and files are still there.
    init(after earlier: Stage? = nil, images: FakeImages = FakeImages()) throws {
        scratch = earlier?.scratch ?? Scratch("engine")
        containers = earlier?.containers ?? FakeContainers()
        networks = earlier?.networks ?? FakeNetworks()
        let root = "\(scratch.path)/root"
        let now: @Sendable () -> Timestamp = { Timestamp(nanoseconds: Clock.realNanoseconds) }
        let verdicts = Verdicts()
        let facts = try FactsStore(root: root) { _ in }
        let world = World(
            containers: containers, networks: networks, images: images, volumes: try VolumeStore(root: root), facts: facts,
            networkSpecs: try NetworkSpecs(root: root), health: HealthProber(probe: { id, _, _ in verdicts.result(id) }, now: now),
            pool: try BlockingPool(threads: 4), root: root, now: now, newID: ContainerID.random)
        let configuration = EngineConfiguration(root: root, run: "\(scratch.path)/run", shim: "", version: "test")
        engine = try Engine(configuration, world: world, images: nil, lock: nil, notes: [])
        self.verdicts = verdicts
        let engine = engine
        task.withLock { $0 = Task { await engine.run() } }
    }

    let verdicts: Verdicts

    /// What the probes of containers say.
    final class Verdicts: Sendable {
        private let sick = Mutex(false)
        func set(sick value: Bool) { sick.withLock { $0 = value } }
        func result(_ id: String) -> ProbeResult { ProbeResult(isHealthy: !sick.withLock { $0 }, output: "probed") }
    }

    /// The daemon ends; everything else stays.
    func end() async {
        let running = task.withLock { $0 }
        running?.cancel()
        await running?.value
    }

    static func service(_ name: String, _ change: (inout Service) -> Void = { _ in }) -> Service {
        var service = Service(name: name, image: "app:1")
        // The fakes know a container by the first word of its command.
        service.command = ["p-\(name)"]
        service.networks = ["default": NetworkAttachment()]
        service.restart = RestartPolicy(condition: .always)
        service.stopGracePeriod = 50
        change(&service)
        return service
    }

    static func stack(_ services: Service...) -> Stack {
        Stack(
            name: "p", services: Dictionary(uniqueKeysWithValues: services.map { ($0.name, $0) }),
            networks: ["default": Network(key: "default", name: "p_default")])
    }

    func up(_ stack: Stack, _ change: (inout UpRequest) -> Void = { _ in }) async -> VerbResult {
        var request = UpRequest(stack: stack)
        change(&request)
        return await Self.result(engine.up(request))
    }

    func down(volumes: Bool = false) async -> VerbResult {
        var request = DownRequest(stack: "p")
        request.removeVolumes = volumes
        return await Self.result(engine.down(request))
    }

    func change(_ verb: ServicesRequest.Verb, _ services: [String] = [], _ fill: (inout ServicesRequest) -> Void = { _ in }) async -> VerbResult {
        var request = ServicesRequest(stack: "p", verb: verb)
        request.services = services
        fill(&request)
        return await Self.result(engine.change(request))
    }

    static func result(_ items: AsyncStream<StreamItem>) async -> VerbResult {
        for await item in items { if case .result(let result) = item { return result } }
        return VerbResult(ok: false, errors: [Failure(code: .internal, what: "the stream ended without a result")])
    }

    /// Service → states of its containers.
    func states() async -> [String: [String]] {
        let rows = (try? await engine.containers(stack: "p")) ?? []
        return Dictionary(grouping: rows, by: \.service).mapValues { $0.map(\.state).sorted() }
    }

    func id(_ service: String) async -> String? { (try? await engine.containers(stack: "p"))?.first { $0.service == service }?.id }

    /// Asks until it holds; generous, because machines are busy.
    func eventually(_ check: () async -> Bool) async -> Bool {
        for _ in 0..<2000 {
            if await check() { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
