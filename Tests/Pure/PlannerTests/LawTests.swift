import Planner
import StackModel
import Testing

/// Numbers that look random and are the same each time (a linear congruential generator).
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// What holds for every plan, tried on generated stacks and worlds.
@Suite("Laws of planning") struct LawTests {
    static let seeds = 0..<250

    private func generate(_ dice: inout Dice) -> Stack {
        let names = ["a", "b", "c", "d", "e", "f"].prefix(Int.random(in: 1...6, using: &dice))
        var services: [Service] = []
        for (index, name) in names.enumerated() {
            services.append(
                service(name) { service in
                    service.replicas = Int.random(in: 0...3, using: &dice)
                    service.image = dice.chance(80) ? "app:1" : "app:2"
                    if dice.chance(40) { service.healthcheck = Healthcheck(test: .shell("true")) }
                    if dice.chance(20) { service.environment = ["X": "\(Int.random(in: 0...2, using: &dice))"] }
                    if dice.chance(20) { service.mounts = [ServiceMount(source: .volume(name: "data", noCopy: false, subpath: nil), target: "/d")] }
                    for other in services where dice.chance(30) {
                        let condition: Dependency.Condition = other.healthcheck == nil ? .started : .healthy
                        service.dependsOn[other.name] = Dependency(condition: condition, restart: dice.chance(30))
                    }
                    if index > 3, dice.chance(20) { service.networks = [:]; service.networkMode = .none }
                })
        }
        return stack(services, volumes: ["data"])
    }

    /// Breaks some of what is there.
    private func disturb(_ world: inout World, _ dice: inout Dice) {
        for index in world.observed.containers.indices where dice.chance(30) {
            let now = world.now
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: world.observed.containers[index].state = .exited(.init(code: 1, at: now))
            case 1: world.observed.containers[index].state = .broken("damaged")
            case 2: world.observed.containers[index].drift = ["a link is missing"]
            case 3: world.observed.containers[index].health = .unhealthy
            case 4: world.observed.containers[index].state = .created
            default: world.observed.networks["p_default"]?.drift = ["down"]
            }
        }
    }

    @Test("carried out, a plan leaves nothing to plan", arguments: seeds)
    func settles(_ seed: Int) {
        var dice = Dice(seed)
        var world = World()
        for _ in 0..<3 {
            var desired = wanted(generate(&dice))
            desired.removeOrphans = dice.chance(50)
            if dice.chance(20) { desired.stopped = ["a"] }
            let plans = world.settle(desired)
            #expect(world.plan(desired).isEmpty, "\(world.plan(desired).text)")
            #expect(plans.count <= 3, "\(plans.map(\.text))")
            disturb(&world, &dice)
            _ = world.settle(desired)
            #expect(world.plan(desired).isEmpty, "\(world.plan(desired).text)")
            for service in desired.stack.services.values where !desired.stopped.contains(service.name) {
                let running = world.observed.containers.count { $0.service == service.name && $0.state.isRunning }
                #expect(running == service.replicas, "\(service.name)")
            }
        }
    }

    @Test("every predecessor is in the plan and comes before; the same input gives the same text", arguments: seeds)
    func order(_ seed: Int) {
        var dice = Dice(seed)
        var world = World()
        _ = world.settle(wanted(generate(&dice)))
        disturb(&world, &dice)
        let desired = wanted(generate(&dice))
        let plan = world.plan(desired)
        #expect(plan.text == world.plan(desired).text)
        var seen = Set<StepID>()
        for step in plan.steps {
            #expect(step.after.allSatisfy { seen.contains($0) }, "\(step.id) comes before one of \(step.after)")
            #expect(seen.insert(step.id).inserted, "\(step.id) is there twice")
        }
    }

    @Test("a container that is as declared is not touched; data is lost only by a down that says so", arguments: seeds)
    func restraint(_ seed: Int) {
        var dice = Dice(seed)
        var world = World()
        let stack = generate(&dice)
        _ = world.settle(wanted(stack))
        var changed = stack
        let name = stack.services.keys.sorted()[0]
        changed.services[name]?.environment["NEW"] = "1"
        let plan = world.plan(wanted(changed))
        let near = Set(changed.services.values.filter { $0.name == name || $0.dependsOn[name]?.restart == true || reaches($0, name, changed) }.map(\.name))
        for step in plan.steps {
            #expect(step.risk < .losesData)
            for container in world.observed.containers where !near.contains(container.service) {
                #expect(!step.id.text.contains(" \(container.name)") || step.id.text.hasPrefix("wait"), "\(step.id) touches \(container.name)")
            }
        }
        var down = wanted(stack)
        down.presence = .down(removeVolumes: false)
        #expect(world.plan(down).steps.allSatisfy { $0.risk < .losesData })
    }

    /// By dependencies that pass restarts on.
    private func reaches(_ service: Service, _ name: String, _ stack: Stack) -> Bool {
        service.dependsOn.contains { other, dependency in
            dependency.restart && (other == name || stack.services[other].map { reaches($0, name, stack) } ?? false)
        }
    }

    @Test("a dependency is started, or found well, before what needs it", arguments: seeds)
    func dependencies(_ seed: Int) {
        var dice = Dice(seed)
        let stack = generate(&dice)
        let plan = World().plan(wanted(stack))
        let position = Dictionary(uniqueKeysWithValues: plan.steps.enumerated().map { ($1.id.text, $0) })
        for service in stack.services.values {
            for (other, dependency) in service.dependsOn {
                guard let first = position["start p-\(service.name)-1"] else { continue }
                for number in 1...3 {
                    let need = dependency.condition == .healthy ? "wait healthy p-\(other)-\(number)" : "start p-\(other)-\(number)"
                    if let before = position[need] { #expect(before < first, "\(service.name) before \(need)") }
                }
            }
        }
    }

    @Test("200 services are planned in the blink of an eye")
    func size() {
        let services = (0..<200).map { number in
            service("s\(number)") { if number > 0 { $0.dependsOn = ["s\(number / 2)": Dependency()] } }
        }
        let plan = World().plan(wanted(stack(services)))
        #expect(plan.steps.count == 401)
    }
}

extension ObservedContainer.State {
    var isRunning: Bool {
        if case .running = self { return true }
        return false
    }
}
