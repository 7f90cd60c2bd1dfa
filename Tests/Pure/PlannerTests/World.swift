import Planner
import StackModel

let noon = Timestamp(milliseconds: 1_800_000_000_000)

func service(_ name: String, _ change: (inout Service) -> Void = { _ in }) -> Service {
    var service = Service(name: name, image: "app:1")
    service.networks = ["default": NetworkAttachment()]
    service.restart = RestartPolicy(condition: .always)
    change(&service)
    return service
}

func stack(_ services: Service..., volumes: [String] = []) -> Stack { stack(services, volumes: volumes) }

func stack(_ services: [Service], volumes: [String] = []) -> Stack {
    Stack(
        name: "p", services: Dictionary(uniqueKeysWithValues: services.map { ($0.name, $0) }), networks: ["default": Network(key: "default", name: "p_default")],
        volumes: Dictionary(uniqueKeysWithValues: volumes.map { ($0, Volume(key: $0, name: "p_\($0)")) }))
}

func wanted(_ stack: Stack) -> Desired { Desired(stack: stack, services: Set(stack.services.keys)) }

/// A host on which plans are carried out in mind.
struct World {
    var observed = Observed(images: ["app:1": "sha256:1", "app:2": "sha256:2"])
    var now = noon
    private var nextID = 0

    func plan(_ desired: Desired) -> Plan { Planner.plan(desired: desired, observed: observed, policy: Policy(), now: now) }

    /// Plans, carries out, and plans again until nothing is left.
    mutating func settle(_ desired: Desired, rounds: Int = 12) -> [Plan] {
        var plans: [Plan] = []
        for _ in 0..<rounds {
            let plan = plan(desired)
            if plan.isEmpty { break }
            plans.append(plan)
            carryOut(plan, desired)
        }
        return plans
    }

    mutating func carryOut(_ plan: Plan, _ desired: Desired) {
        for step in plan.steps { carryOut(step, desired) }
        now = now + 1000
    }

    private mutating func carryOut(_ step: Step, _ desired: Desired) {
        switch step.action {
        case .createNetwork(let name, let key): observed.networks[name] = ObservedNetwork(name: name, spec: desired.stack.networks[key])
        case .repairNetwork(let name): observed.networks[name]?.drift = []
        case .removeNetwork(let name): observed.networks[name] = nil
        case .createVolume(let name, _): observed.volumes.insert(name)
        case .removeVolume(let name): observed.volumes.remove(name)
        case .createContainer(let service, let number, let name): create(service, number, name, desired)
        case .startContainer(let id, let name, let service): start(find(id, name), step.because, desired.restartGeneration[service] ?? 0)
        case .stopContainer(let id, _, _), .killContainer(let id, _):
            change(find(id, "")) { [now] in $0.state = .exited(.init(code: 0, at: now)) }
        case .removeContainer(let id, _, _): observed.containers.removeAll { $0.id == id }
        case .repairContainer(let id, _): change(find(id, "")) { $0.drift = [] }
        case .waitHealthy(let id, let name, _): change(find(id, name)) { $0.health = .healthy }
        case .waitCompleted(let id, let name, _): change(find(id, name)) { [now] in $0.state = .exited(.init(code: 0, at: now)) }
        case .updateRecord(let id, _, let service):
            change(find(id, "")) { container in if let spec = desired.stack.services[service] { container.spec = spec } }
        }
    }

    private mutating func create(_ service: String, _ number: Int, _ name: String, _ desired: Desired) {
        guard let spec = desired.stack.services[service] else { return }
        nextID += 1
        var container = ObservedContainer(
            id: "id\(nextID)00000000", name: name, service: service, number: number, spec: spec, imageID: observed.images[spec.image] ?? "", createdAt: now,
            state: .created)
        container.recreateGeneration = desired.recreateGeneration[service] ?? 0
        container.restartGeneration = desired.restartGeneration[service] ?? 0
        observed.containers.append(container)
    }

    private mutating func start(_ index: Int?, _ because: Reason, _ generation: Int) {
        change(index) { [now] container in
            container.state = .running(since: now)
            container.health = container.spec.healthcheck == nil ? .none : .starting
            container.restartGeneration = generation
            container.restarts.lastStart = now
            container.restarts.startFailure = nil
        }
    }

    func find(_ id: String?, _ name: String) -> Int? {
        observed.containers.firstIndex { id == nil ? $0.name == name : $0.id == id }
    }

    mutating func change(_ index: Int?, _ change: (inout ObservedContainer) -> Void) {
        if let index { change(&observed.containers[index]) }
    }

    mutating func change(_ name: String, _ body: (inout ObservedContainer) -> Void) { change(find(nil, name), body) }

    func container(_ name: String) -> ObservedContainer? { observed.containers.first { $0.name == name } }
}
