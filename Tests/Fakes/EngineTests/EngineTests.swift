import Containers
import Networks
import StackModel
import Testing

@testable import Engine

@Suite("The engine on a world of fakes") struct EngineTests {
    private static let pair = Stage.stack(Stage.service("db"), Stage.service("web") { $0.dependsOn = ["db": Dependency()] })

    @Test("up brings everything up in order; again, nothing is touched; down leaves nothing")
    func life() async throws {
        let stage = try Stage()
        #expect(await stage.up(Self.pair).ok)
        #expect(await stage.states() == ["db": ["running"], "web": ["running"]])
        let calls = stage.containers.calls
        let starts = ["start p-db", "start p-web"].map { calls.firstIndex(of: $0) ?? -1 }
        #expect(starts[0] >= 0 && starts[0] < starts[1], "\(calls)")
        #expect(await stage.up(Self.pair).ok)
        #expect(stage.containers.calls == calls)
        #expect(await stage.down().ok)
        #expect(await stage.states().isEmpty)
        #expect(stage.networks.list().isEmpty && stage.networks.attached().isEmpty)
        #expect(await stage.engine.desired("p") == nil)
        await stage.end()
    }

    @Test("a container that ends is started again; one that was stopped stays")
    func restart() async throws {
        let stage = try Stage()
        #expect(await stage.up(Self.pair).ok)
        let id = try #require(await stage.id("web"))
        stage.containers.end(id, code: 1)
        #expect(await stage.eventually { stage.containers.calls.count { $0 == "start p-web" } == 2 })
        #expect(await stage.change(.stop, ["web"]).ok)
        #expect(await stage.states()["web"] == ["exited"])
        #expect(await stage.change(.start, ["web"]).ok)
        #expect(await stage.states()["web"] == ["running"])
        #expect(await stage.change(.restart).ok)
        #expect(stage.containers.calls.count { $0 == "start p-db" } == 2)
        await stage.end()
    }

    @Test("a step that fails is the verb's error; what depends on it is left out, the rest is done")
    func failure() async throws {
        let stage = try Stage()
        stage.containers.state.withLock { $0.failures["start p-db"] = RuntimeError(.launch, "it has no such program") }
        let stack = Stage.stack(
            Stage.service("db") { $0.restart = RestartPolicy() }, Stage.service("web") { $0.dependsOn = ["db": Dependency()] }, Stage.service("other"))
        let result = await stage.up(stack)
        #expect(!result.ok && result.errors.contains { $0.description.contains("no such program") }, "\(result)")
        #expect(await stage.states() == ["db": ["created"], "web": ["created"], "other": ["running"]])
        stage.containers.state.withLock { $0.failures = [:] }
        #expect(await stage.up(stack).ok)
        #expect(await stage.states() == ["db": ["running"], "web": ["running"], "other": ["running"]])
        await stage.end()
    }

    @Test("a container that cannot be made leaves nothing of itself")
    func halfMade() async throws {
        let stage = try Stage()
        stage.containers.state.withLock { $0.failures["create p-db"] = RuntimeError(.system, "the disk is full") }
        #expect(await stage.up(Self.pair).ok == false)
        #expect(await stage.states()["db"] == nil)
        let web = await stage.id("web")
        #expect(stage.networks.attached() == [web].compactMap { $0 })
        _ = await stage.down()
        await stage.end()
    }

    @Test("an image that is missing and a port that is taken are said before anything is changed")
    func refusals() async throws {
        let stage = try Stage()
        let result = await stage.up(Stage.stack(Stage.service("a") { $0.image = "none:1" }, Stage.service("b")))
        #expect(result.errors.map(\.code) == [.imageMissing])
        stage.networks.state.withLock { $0.conflicts = [PortConflict(port: PublishedPort(hostPort: 80, containerPort: 80), holder: .process(pid: 7, name: "nginx"))] }
        let taken = await stage.up(Stage.stack(Stage.service("a") { $0.ports = [PortMapping(target: 80, published: 80)] }))
        #expect(taken.errors.first?.code == .portInUse && taken.errors.first?.cause == "nginx (pid 7) has it")
        var odd = Stage.stack(Stage.service("a"))
        odd.networks["default"]?.driver = "macvlan"
        stage.networks.state.withLock { $0.conflicts = [] }
        #expect(await stage.up(odd).errors.map(\.code) == [.unsupported])
        for name in ["../../x", ".removing-x", "a/b", ""] {
            odd.networks["default"] = Network(key: "default", name: name)
            #expect(await stage.up(odd).errors.map(\.code) == [.invalid], "\(name)")
        }
        #expect(stage.containers.calls.isEmpty && stage.networks.list().isEmpty)
        #expect(await stage.engine.desired("p") == nil)
        await stage.end()
    }

    @Test("a next daemon adopts what runs and touches nothing; what ended meanwhile is started")
    func adoption() async throws {
        let first = try Stage()
        #expect(await first.up(Self.pair).ok)
        let id = try #require(await first.id("web"))
        await first.end()
        let calls = first.containers.calls
        let second = try Stage(after: first)
        #expect(await second.states() == ["db": ["running"], "web": ["running"]])
        #expect(await second.up(Self.pair).ok)
        #expect(second.containers.calls == calls)
        await second.end()
        first.containers.state.withLock { $0.states[id] = .exited(ExitStatus(code: 1, at: 0)) }
        let third = try Stage(after: first)
        #expect(await third.eventually { await third.states()["web"] == ["running"] })
        _ = await third.down()
        await third.end()
    }

    @Test("drift is repaired when somebody tells of it")
    func drift() async throws {
        let stage = try Stage()
        #expect(await stage.up(Self.pair).ok)
        let before = stage.networks.state.withLock { $0.repairs }
        stage.networks.harm("p_default")
        #expect(await stage.eventually { stage.networks.state.withLock { $0.repairs > before && $0.drift.isEmpty } })
        #expect(stage.containers.calls.count { $0.hasPrefix("start") } == 2)
        _ = await stage.down()
        await stage.end()
    }

    @Test("who waits for a healthy dependency starts after it is; an unhealthy one is the verb's error")
    func health() async throws {
        let check = Healthcheck(test: .command(["check"]), interval: 20, timeout: 1000, retries: 2)
        let stack = Stage.stack(
            Stage.service("db") { $0.healthcheck = check; $0.restart = RestartPolicy() },
            Stage.service("web") { $0.dependsOn = ["db": Dependency(condition: .healthy)] })
        let stage = try Stage()
        stage.verdicts.set(sick: true)
        let sick = await stage.up(stack)
        #expect(!sick.ok && sick.errors.contains { $0.code == .unhealthy }, "\(sick)")
        #expect(await stage.states()["web"] == ["created"])
        stage.verdicts.set(sick: false)
        #expect(await stage.eventually { await stage.states()["web"] == ["running"] }, "it starts once the dependency is healthy")
        _ = await stage.down()
        await stage.end()
    }

    @Test("stopping: its signal, and the end of all its processes when it does not hear")
    func grace() async throws {
        let stage = try Stage()
        #expect(await stage.up(Stage.stack(Stage.service("deaf"))).ok)
        let id = try #require(await stage.id("deaf"))
        stage.containers.state.withLock { $0.deaf = [id] }
        #expect(await stage.down().ok)
        let calls = stage.containers.calls.filter { $0.hasSuffix("p-deaf") }
        #expect(calls.suffix(4).starts(with: ["signal p-deaf", "kill p-deaf"]), "\(calls)")
        await stage.end()
    }

    @Test("a newer wish takes over from one that is under way")
    func takeOver() async throws {
        let check = Healthcheck(test: .command(["check"]), interval: 20, timeout: 1000, retries: 1000)
        let stage = try Stage()
        stage.verdicts.set(sick: true)
        let stack = Stage.stack(Stage.service("db") { $0.healthcheck = check }, Stage.service("web") { $0.dependsOn = ["db": Dependency(condition: .healthy)] })
        async let waiting = stage.up(stack)
        #expect(await stage.eventually { await stage.states()["db"] == ["running"] })
        #expect(await stage.down().ok)
        _ = await waiting
        #expect(await stage.states().isEmpty)
        await stage.end()
    }

    @Test("replacing a changed service; scaling; orphans")
    func changes() async throws {
        let stage = try Stage()
        #expect(await stage.up(Self.pair).ok)
        let before = await stage.id("web")
        var changed = Self.pair
        changed.services["web"]?.environment = ["NEW": "1"]
        #expect(await stage.up(changed).ok)
        #expect(await stage.id("web") != before)
        #expect(await stage.change(.scale) { $0.scale = ["web": 3] }.ok)
        #expect(await stage.states()["web"] == ["running", "running", "running"])
        let less = await stage.up(Stage.stack(Stage.service("db")))
        #expect(less.ok && less.notes.contains { $0.contains("orphan") })
        #expect(await stage.up(Stage.stack(Stage.service("db"))) { $0.removeOrphans = true }.ok)
        #expect(await stage.states() == ["db": ["running"]])
        _ = await stage.down()
        await stage.end()
    }
}
