import Glibc
import TestSupport
import Testing

/// The tools of the scenarios, tried on things that are there without Gantry: a scenario that cannot fail shows nothing.
@Suite(.serialized) struct Fixtures {
    @Test("a command's output, status and time limit")
    func commands() throws {
        let plain = try Command.run("sh", ["-c", "echo out; echo err >&2; exit 3"])
        #expect(plain.status == 3 && plain.stdout == "out\n" && plain.stderr == "err\n" && !plain.isTimedOut)
        #expect(try Command.run("cat", input: Array("given".utf8)).stdout == "given")
        #expect(try Command.run("cat").stdout == "")
        #expect(try Command.run("pwd", folder: "/usr").stdout == "/usr\n")
        #expect(try Command.run("sh", ["-c", "kill -9 $$"]).status == 137)
        #expect(try Command.run("sh", ["-c", "echo ${COMPOSE_FILE-none}$X"], environment: ["X": "y"]).stdout == "noney\n")
        let slow = try Command.run("sh", ["-c", "sleep 100 & sleep 100"], timeout: 0.2)
        #expect(slow.isTimedOut && slow.status == 137)
        #expect(throws: Command.NotStarted.self) { try Command.run("/no/such/program") }
    }

    @Test("a background process does not keep its starter's output open")
    func background() throws {
        let result = try Command.run("sh", ["-c", "sleep 30 & echo $!"], timeout: 10)
        #expect(result.succeeded && !result.isTimedOut)
        if let pid = result.lines.first.flatMap({ Int32($0) }) { kill(pid, SIGKILL) }
    }

    @Test("HTTP and ports")
    func http() throws {
        guard Machine.hasBusybox else { return print("skipped: needs busybox") }
        let scratch = Scratch("http")
        try scratch.write("index.html", "hi there\n")
        let port = Port.free()
        #expect(HTTP.get(port) == nil)
        let server = try Command(Machine.busybox, ["httpd", "-f", "-p", "127.0.0.1:\(port)", "-h", scratch.path])
        #expect(eventually { HTTP.get(port)?.body == "hi there\n" })
        #expect(HTTP.get(port, "/none")?.status == 404)
        server.signal(SIGKILL)
        #expect(server.wait(20).status == 137)
        let listener = try #require(Port.Listener())
        #expect(Port.Listener(listener.port) == nil, "a held port can be taken again")
    }

    @Test("a snapshot sees cgroups, mounts, files and rule tables of one engine, and not those of another",
        .enabled(if: Machine.isRoot, "needs root"))
    func snapshots() throws {
        let scratch = Scratch("snapshot")
        let engine = "f1\(getpid())ab"
        let take = { HostSnapshot(root: "\(scratch.path)/root", run: "\(scratch.path)/run", engine: engine) }
        let before = take()
        #expect(before.items.isEmpty, "\(before.items)")
        try scratch.write("root/containers/x/record.json", "{}")
        #expect(take().difference(from: before) == "+ file \(scratch.path)/root/containers/x")
        let hasMount = mount("none", "\(scratch.path)/root", "tmpfs", 0, nil) == 0
        if hasMount {
            #expect(take().difference(from: before) == "+ mount \(scratch.path)/root")
            umount2("\(scratch.path)/root", 2 /* MNT_DETACH */)
        }
        let cgroup = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].map { String("\($0)/gantry-\(engine)") }.first { (path: String) in mkdir(path, 0o755) == 0 }
        if let cgroup {
            #expect(take().difference(from: before).contains("+ cgroup \(cgroup)"))
            rmdir(cgroup)
        }
        if Programs.has("nft"), try Command.run("nft", ["add", "table", "inet", "gantry_\(engine)"]).succeeded {
            #expect(take().difference(from: before).contains("+ nft table inet gantry_\(engine)"))
            _ = try Command.run("nft", ["delete", "table", "inet", "gantry_\(engine)"])
        }
        if Programs.has("ip"), try Command.run("ip", ["link", "add", "g\(engine.prefix(8))x", "type", "dummy"]).succeeded {
            #expect(take().difference(from: before).contains("+ link g\(engine.prefix(8))x"))
            _ = try Command.run("ip", ["link", "delete", "g\(engine.prefix(8))x"])
        }
        let other = HostSnapshot(root: "\(scratch.path)/other", run: "\(scratch.path)/else", engine: "0000none")
        #expect(other.items.isEmpty)
        #expect(try Command.run("rm", ["-rf", "\(scratch.path)/root/containers"]).succeeded)
        #expect(take().difference(from: before).isEmpty, "\(take().difference(from: before))")
    }

    @Test("the repository is found from its source files")
    func repository() {
        #expect(String(file: "\(Repository.root)/Package.swift").contains("name: \"gantry\""))
    }

    @Test("the image of examples/hello is the same at every run", .enabled(if: Machine.hasBusybox, "needs busybox-static"))
    func image() throws {
        let scratch = Scratch("images")
        try TestImage.busybox("gantry-hello:1", at: "\(scratch.path)/one.tar")
        try TestImage.busybox("gantry-hello:1", at: "\(scratch.path)/two.tar")
        #expect(try Command.run("cmp", ["\(scratch.path)/one.tar", "\(scratch.path)/two.tar"]).succeeded)
        #expect(try Command.run("tar", ["xOf", "\(scratch.path)/one.tar", "./manifest.json"]).stdout.contains("gantry-hello:1"))
    }
}
