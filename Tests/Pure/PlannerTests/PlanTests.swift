import Planner
import StackModel
import Testing

@Suite("Plans as text") struct PlanTests {
    @Test("a first up: network, volume, containers in the order of their dependencies")
    func first() {
        let db = service("db") {
            $0.healthcheck = Healthcheck(test: .shell("true"))
            $0.mounts = [ServiceMount(source: .volume(name: "data", noCopy: false, subpath: nil), target: "/data")]
        }
        let web = service("web") { $0.dependsOn = ["db": Dependency(condition: .healthy)] }
        #expect(
            World().plan(wanted(stack(db, web, volumes: ["data"]))).text == """
                create network p_default: it is missing
                create volume p_data: it is missing
                create p-db-1: it is missing  [after create network p_default, create volume p_data]
                create p-web-1: it is missing  [after create network p_default, create volume p_data]
                start p-db-1: it is missing  [after create p-db-1]
                wait healthy p-db-1: db is waited for  [after start p-db-1]
                start p-web-1: it is missing  [after create p-web-1, start p-db-1, wait healthy p-db-1]
                """)
    }

    @Test("a changed service is replaced, and the reason names the field")
    func changed() {
        var world = World()
        let before = stack(service("web"), service("other"))
        _ = world.settle(wanted(before))
        let after = stack(service("web") { $0.environment = ["DEBUG": "1"] }, service("other"))
        #expect(
            world.plan(wanted(after)).text == """
                stop p-web-1 id200000: environment.DEBUG 1 added
                remove p-web-1 id200000: environment.DEBUG 1 added  [after stop p-web-1 id200000]
                create p-web-1: environment.DEBUG 1 added  [after remove p-web-1 id200000]
                start p-web-1: environment.DEBUG 1 added  [after create p-web-1]
                """)
    }

    @Test("down: dependants stop first, networks go last, volumes stay unless asked for")
    func down() {
        var world = World()
        let all = stack(
            service("db") { $0.mounts = [ServiceMount(source: .volume(name: "data", noCopy: false, subpath: nil), target: "/data")] },
            service("web") { $0.dependsOn = ["db": Dependency()] }, volumes: ["data"])
        var desired = wanted(all)
        _ = world.settle(desired)
        desired.presence = .down(removeVolumes: false)
        let plan = world.plan(desired)
        #expect(!plan.text.contains("volume"))
        let order = plan.steps.map(\.id.text)
        let positions = ["stop p-web-1", "stop p-db-1", "remove network"].map { part in order.firstIndex { $0.hasPrefix(part) } ?? -1 }
        #expect(positions == positions.sorted() && !positions.contains(-1), "\(order)")
        desired.presence = .down(removeVolumes: true)
        let step = world.plan(desired).steps.first { $0.id == "remove volume p_data" }
        #expect(step?.risk == .losesData)
        _ = world.settle(desired)
        #expect(world.observed.containers.isEmpty && world.observed.networks.isEmpty && world.observed.volumes.isEmpty)
    }

    @Test("scaling takes the highest numbers away and adds the lowest free ones")
    func scale() {
        var world = World()
        _ = world.settle(wanted(stack(service("web") { $0.replicas = 3 })))
        #expect(world.observed.containers.map(\.name).sorted() == ["p-web-1", "p-web-2", "p-web-3"])
        _ = world.settle(wanted(stack(service("web") { $0.replicas = 1 })))
        #expect(world.observed.containers.map(\.name) == ["p-web-1"])
        world.change("p-web-1") { $0.number = 2 }
        _ = world.settle(wanted(stack(service("web") { $0.replicas = 2 })))
        #expect(Set(world.observed.containers.map(\.number)) == [1, 2])
    }

    @Test("an image that is not there blocks its service and those that need it, and no other")
    func missingImage() {
        let plan = World().plan(wanted(stack(service("a") { $0.image = "none:1" }, service("b") { $0.dependsOn = ["a": Dependency()] }, service("c"))))
        #expect(plan.notes.filter { $0.kind == .error }.map(\.subject) == ["service \"a\"", "service \"b\""])
        #expect(plan.steps.map(\.id.text) == ["create network p_default", "create p-c-1", "start p-c-1"])
    }

    @Test("orphans are named, and removed when that was asked for")
    func orphans() {
        var world = World()
        _ = world.settle(wanted(stack(service("a"), service("b"))))
        var desired = wanted(stack(service("a")))
        #expect(world.plan(desired).isEmpty)
        #expect(world.plan(desired).notes.first?.text.contains("p-b-1") == true)
        desired.removeOrphans = true
        _ = world.settle(desired)
        #expect(world.observed.containers.map(\.name) == ["p-a-1"])
    }

    @Test("two services cannot publish one port, nor two replicas")
    func ports() {
        let port = PortMapping(target: 80, published: 8080)
        let both = World().plan(wanted(stack(service("a") { $0.ports = [port] }, service("b") { $0.ports = [port] })))
        #expect(both.notes.contains { $0.kind == .error && $0.text.contains("8080/tcp is published by service \"a\" too") })
        let twice = World().plan(wanted(stack(service("a") { $0.ports = [port]; $0.replicas = 2 })))
        #expect(twice.notes.contains { $0.kind == .error && $0.text.contains("2 replicas cannot share host port 8080") })
    }
}
