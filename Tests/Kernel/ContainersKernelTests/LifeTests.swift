import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("A container", .serialized, .enabled(if: Machine.canRunContainers, "needs root and busybox-static"))
struct LifeTests {
    @Test("runs, logs and leaves its exit code")
    func runs() throws {
        let fixture = try Fixture()
        #expect(try fixture.output("a", "echo hello; echo oops >&2; exit 7") .split(separator: "\n").sorted() == ["hello", "oops"])
        let status = try #require(try fixture.exit("a"))
        #expect(status.code == 7)
        #expect(status.signal == nil)
    }

    @Test("is told of by changes() when it ends", .timeLimit(.minutes(1)))
    func tells() async throws {
        let fixture = try Fixture()
        try fixture.start("a", "exec sleep 0.05")
        var stream = fixture.runtime.changes().makeAsyncIterator()
        #expect(await stream.next() == "a")
    }

    @Test("takes signals, and 137 means killed")
    func signals() throws {
        let fixture = try Fixture()
        try fixture.start("a", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done")
        #expect(eventually { fixture.log("a").contains("ready") })
        try fixture.runtime.signal("a", 15)
        #expect(try fixture.exit("a")?.code == 3)
        try fixture.runtime.start("a")
        try fixture.runtime.signal("a", 9)
        let status = try fixture.exit("a")
        #expect(status?.code == 137)
        #expect(status?.signal == 9)
    }

    @Test("says which step failed and what helps")
    func failure() throws {
        let fixture = try Fixture()
        fixture.ids.append("a")
        try fixture.runtime.create(fixture.record("a", "") { $0.spec.process.args = ["no-such-program"] })
        let error = #expect(throws: RuntimeError.self) { try fixture.runtime.start("a") }
        #expect(error?.what == "run \"no-such-program\"")
        #expect(error?.hint == "no such program in the PATH of the image")
        #expect(try fixture.runtime.status("a").state == .created)
    }

    @Test("keeps its files over a restart and loses them with delete")
    func restart() throws {
        let fixture = try Fixture()
        #expect(try fixture.output("a", "cat /var/x 2>/dev/null || echo none; echo kept > /var/x") == "none")
        try fixture.runtime.start("a")
        #expect(eventually { fixture.log("a") == "none\nkept" })
        _ = try fixture.exit("a")
        try fixture.runtime.delete("a")
        #expect(throws: RuntimeError.self) { try fixture.runtime.status("a") }
        #expect(!File.exists("\(fixture.scratch.path)/root/containers/a"))
    }

    @Test("is paused and goes on")
    func pause() throws {
        let fixture = try Fixture()
        try fixture.start("a", "sleep 100")
        try fixture.runtime.pause("a")
        guard case .paused = try fixture.runtime.status("a").state else {
            Issue.record("not paused")
            return
        }
        try fixture.runtime.resume("a")
        guard case .running = try fixture.runtime.status("a").state else {
            Issue.record("not running")
            return
        }
    }

    @Test("outlives the daemon that started it, and another takes it over")
    func adoption() throws {
        let fixture = try Fixture()
        try fixture.start("a", "sleep 100")
        let other = try ContainerRuntime(
            root: "\(fixture.scratch.path)/root", run: "\(fixture.scratch.path)/run", shim: "\(Machine.products)/gantry-shim",
            cgroup: fixture.cgroup)
        guard case .running(let pid, _) = try other.status("a").state else {
            Issue.record("not running")
            return
        }
        #expect(pid > 0)
        try other.signal("a", 9)
        #expect(try fixture.exit("a")?.code == 137)
    }

    @Test("ends with its shim, and can be started again")
    func shimKilled() throws {
        let fixture = try Fixture()
        try fixture.start("a", "sleep 100")
        let text = String(file: "\(fixture.scratch.path)/run/containers/a/status").split(separator: " ")
        let (main, shim) = (try #require(Int32(text[0])), try #require(Int32(text[1])))
        kill(shim, 9)
        #expect(try fixture.exit("a")?.code == 137)
        #expect(eventually { kill(main, 0) != 0 })
        try fixture.runtime.start("a")
        guard case .running = try fixture.runtime.status("a").state else {
            Issue.record("not running")
            return
        }
    }

    @Test("with a process of its own as pid 1 takes signals and reaps")
    func initProcess() throws {
        let fixture = try Fixture()
        try fixture.start("a", "echo pid $$; (sleep 0.01 &) ; trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done") {
            $0.initProcess = true
        }
        #expect(eventually { fixture.log("a").contains("ready") })
        #expect(!fixture.log("a").contains("pid 1\n"))
        try fixture.runtime.signal("a", 15)
        #expect(try fixture.exit("a")?.code == 5)
    }

    @Test("fifty of them leave nothing behind")
    func fifty() throws {
        let fixture = try Fixture()
        for number in 0..<50 { try fixture.start("c\(number)", "exec sleep 100") }
        for number in 0..<50 { try fixture.runtime.killAll("c\(number)") }
        for number in 0..<50 {
            #expect(try fixture.exit("c\(number)")?.code == 137)
            try fixture.runtime.delete("c\(number)")
        }
        fixture.ids = []
        fixture.runtime.removeEmptyCgroups()
        // Others mount things at the same time: only what names our folder is ours.
        #expect(!String(file: "/proc/self/mountinfo").contains(fixture.scratch.path))
        for mount in fixture.runtime.layout.v1Mounts { #expect(!File.exists("\(mount)/\(fixture.cgroup)")) }
    }

    @Test("a shim has one thread and little memory")
    func shim() throws {
        let fixture = try Fixture()
        // Two, because the program's own pages are private as long as only one maps them.
        for id in ["a", "b"] { try fixture.start(id, "exec sleep 100") }
        let shim = try #require(String(file: "\(fixture.scratch.path)/run/containers/a/status").split(separator: " ").dropFirst().first)
        #expect(try File.list("/proc/\(shim)/task").count == 1)
        let rollup = String(file: "/proc/\(shim)/smaps_rollup").split(separator: "\n")
        let own = rollup.filter { $0.hasPrefix("Private_") }.compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }.reduce(0, +)
        #expect(own > 0 && own <= 200, "private memory \(own) KB")
    }
}
