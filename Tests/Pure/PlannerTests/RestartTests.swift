import Planner
import StackModel
import Testing

@Suite("Restarts are planned") struct RestartTests {
    private func world(_ policy: RestartPolicy) -> (World, Desired) {
        var world = World()
        let desired = wanted(stack(service("web") { $0.restart = policy }))
        _ = world.settle(desired)
        return (world, desired)
    }

    private func exit(_ world: inout World, code: Int, attempts: Int = 0) {
        let now = world.now
        world.change("p-web-1") {
            $0.state = .exited(.init(code: code, at: now))
            $0.restarts.attempts = attempts
            $0.restarts.lastStart = now
        }
    }

    @Test(arguments: [
        (RestartPolicy.Condition.no, 0, false), (.no, 1, false), (.onFailure, 0, false), (.onFailure, 1, true), (.always, 0, true), (.unlessStopped, 1, true),
    ])
    func policies(_ condition: RestartPolicy.Condition, _ code: Int, _ restarts: Bool) {
        var (world, desired) = world(RestartPolicy(condition: condition))
        exit(&world, code: code)
        #expect(world.plan(desired).steps.contains { $0.id == "start p-web-1" } == restarts)
    }

    @Test("what was stopped on purpose stays stopped")
    func stopped() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        exit(&world, code: 0)
        world.change("p-web-1") { $0.stoppedByUser = true }
        #expect(world.plan(desired).isEmpty)
        desired.stopped = ["web"]
        #expect(world.plan(desired).isEmpty)
    }

    @Test("waits double up to the cap, and the plan says when to look again")
    func backoff() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        for (attempts, wait) in [(0, 0), (1, 100), (2, 200), (3, 400), (11, 60_000), (40, 60_000)] {
            exit(&world, code: 1, attempts: attempts)
            let plan = world.plan(desired)
            if wait == 0 {
                #expect(plan.steps.count == 1)
            } else {
                #expect(plan.isEmpty && plan.wakeAt == world.now + Milliseconds(wait), "attempt \(attempts): \(plan)")
                world.now = world.now + Milliseconds(wait)
                #expect(world.plan(desired).steps.first?.because == .exited(code: 1, signal: nil, oomKilled: false, attempt: attempts + 1))
            }
        }
    }

    @Test("a delay of the service's own is kept to, and attempts end")
    func delayAndAttempts() {
        var (world, desired) = world(RestartPolicy(condition: .onFailure, maxAttempts: 2, delay: 5000))
        exit(&world, code: 1)
        #expect(world.plan(desired).wakeAt == world.now + 5000)
        exit(&world, code: 1, attempts: 2)
        let plan = world.plan(desired)
        #expect(plan.isEmpty && plan.wakeAt == nil && plan.notes.contains { $0.text.contains("stays down") })
    }

    @Test("having run long enough, the attempts before are forgotten")
    func stable() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        exit(&world, code: 1, attempts: 9)
        let start = world.now
        world.now = world.now + 11_000
        let now = world.now
        world.change("p-web-1") {
            $0.restarts.lastStart = start
            $0.state = .exited(.init(code: 1, at: now))
        }
        #expect(world.plan(desired).steps.first?.because == .exited(code: 1, signal: nil, oomKilled: false, attempt: 1))
    }

    @Test("an unhealthy container is restarted, unless it is never to be")
    func unhealthy() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        world.change("p-web-1") { $0.health = .unhealthy }
        #expect(world.plan(desired).steps.map(\.id.text) == ["stop p-web-1 id100000", "start p-web-1"])
        desired.stack.services["web"]?.restart = RestartPolicy(condition: .no)
        world.change("p-web-1") { $0.spec.restart = RestartPolicy(condition: .no) }
        #expect(world.plan(desired).isEmpty)
    }

    @Test("a container that could not be started is tried again by its policy, and otherwise said")
    func startFailure() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        let now = world.now
        world.change("p-web-1") {
            $0.state = .created
            $0.restarts = .init(attempts: 1, startFailure: "no such file", lastFailure: now)
        }
        #expect(world.plan(desired).wakeAt == world.now + 100)
        desired.stack.services["web"]?.restart = RestartPolicy(condition: .no)
        world.change("p-web-1") { $0.spec.restart = RestartPolicy(condition: .no) }
        #expect(world.plan(desired).notes.contains { $0.kind == .error && $0.text.contains("no such file") })
    }

    @Test("restart and --force-recreate reach every container once")
    func generations() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        desired.restartGeneration = ["web": 1]
        #expect(world.settle(desired).map { $0.steps.count } == [2])
        desired.recreateGeneration = ["web": 1]
        #expect(world.settle(desired).map { $0.steps.count } == [4])
    }

    @Test("drift is repaired without touching the container")
    func drift() {
        var (world, desired) = world(RestartPolicy(condition: .always))
        world.change("p-web-1") { $0.drift = ["its link is missing"] }
        world.observed.networks["p_default"]?.drift = ["bridge is missing"]
        #expect(world.plan(desired).steps.map(\.id.text) == ["repair network p_default", "repair p-web-1"])
        #expect(world.settle(desired).count == 1)
    }
}
