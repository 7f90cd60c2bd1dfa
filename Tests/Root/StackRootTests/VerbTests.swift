import Glibc
import TestSupport
import Testing

extension Scenarios {
    @Suite("The command line") struct Verbs {
        private func two(_ name: String) throws -> GantryHost {
            let host = try GantryHost(name)
            try host.stackFile(Files.sleepers(["a", "b"]))
            try host.must("up", "-d")
            return host
        }

        @Test("stop, start, restart, kill and rm")
        func life() throws {
            let host = try two("verbs")
            defer { host.end() }
            let first = try host.processes(service: "a")?.main
            try host.must("restart", "-t", "1", "a")
            #expect(eventually { (try? host.processes(service: "a"))?.main != first && host.runs(["a": 1, "b": 1]) })
            try host.must("stop", "-t", "1", "a")
            #expect(try host.row("a")?.State == "exited")
            #expect(try host.row("b")?.State == "running")
            try host.must("start", "a")
            #expect(try host.row("a")?.State == "running")
            try host.must("kill", "-s", "KILL", "a")
            #expect(try eventually { try host.row("a")?.State == "exited" })
            #expect(try host.row("a")?.ExitCode == 137)
            try host.must("rm", "-f", "a")
            #expect(try eventually { try host.row("a") == nil })
            #expect(try host.row("b")?.State == "running")
        }

        @Test("a stopped service stays stopped, also after the daemon was killed")
        func stopped() throws {
            let host = try GantryHost("stopped")
            defer { host.end() }
            try host.stackFile(Files.sleepers(["a"], extra: "    restart: unless-stopped\n"))
            try host.must("up", "-d")
            try host.must("stop", "-t", "1")
            host.killDaemon()
            #expect(try eventually { try host.row("a")?.State == "exited" })
            #expect(try host.row("a")?.State == "exited")
        }

        @Test("scale up and down")
        func scale() throws {
            let host = try two("scale")
            defer { host.end() }
            try host.must("up", "-d", "--scale", "a=4")
            #expect(host.runs(["a": 4, "b": 1]))
            #expect(Set(try host.rows().map(\.Name)) == ["p-a-1", "p-a-2", "p-a-3", "p-a-4", "p-b-1"])
            try host.must("up", "-d", "--scale", "a=1", "-t", "1")
            #expect(host.runs(["a": 1, "b": 1]))
        }

        @Test("plan: 2 for changes, 0 for none, 1 for an error")
        func plan() throws {
            let host = try GantryHost("plan")
            defer { host.end() }
            let before = host.snapshot()
            try host.stackFile(Files.sleepers(["a"]))
            #expect(try host.gantry("plan").status == 2)
            #expect(host.snapshot() == before, "a plan changed something")
            try host.must("up", "-d")
            #expect(try host.gantry("plan").status == 0)
            try host.stackFile(Files.sleepers(["a"], extra: "    environment: {NEW: \"1\"}\n"))
            let changed = try host.gantry("plan")
            #expect(changed.status == 2 && changed.stdout.contains("environment"), "\(changed)")
            try host.stackFile("services: [\n")
            #expect(try host.gantry("plan").status == 1)
        }

        @Test("exec: output, exit codes, input, environment, user")
        func exec() throws {
            let host = try two("exec")
            defer { host.end() }
            #expect(try host.gantry("exec", "-T", "a", "echo", "hello").stdout == "hello\n")
            #expect(try host.gantry("exec", "-T", "a", "sh", "-c", "echo oops >&2; exit 7").status == 7)
            #expect(try host.gantry("exec", "-T", "a", "sh", "-c", "echo oops >&2").stderr.contains("oops"))
            #expect(try host.gantry("exec", "-T", "a", "no-such-program").status == 127)
            #expect(try host.gantry("exec", "-T", "a", "cat", input: "through\n").stdout == "through\n")
            #expect(try host.gantry("exec", "-T", "-e", "X=y", "-u", "app", "a", "sh", "-c", "echo $X $(id -u)").stdout == "y 1000\n")
            #expect(try host.gantry("exec", "-T", "nobody", "true").status == 1)
        }

        @Test("exec gives a working terminal", .enabled(if: Programs.has("script"), "needs script(1)"))
        func terminal() throws {
            let host = try two("tty")
            defer { host.end() }
            let inside = "tty; stty size; exit 5"
            let command = "stty rows 33 cols 99; exec '\(Programs.gantry)' --root '\(host.root)' --run '\(host.run)' exec a sh -c '\(inside)'"
            let result = try Command.run("script", ["-qec", command, "/dev/null"], folder: host.folder, timeout: 60)
            #expect(result.stdout.contains("/dev/pts/"), "\(result)")
            #expect(result.stdout.contains("33 99"), "\(result)")
            #expect(result.status == 5, "\(result)")
        }

        @Test("logs: all, the last ones, times, streams, after a restart")
        func logs() throws {
            let host = try GantryHost("logs")
            defer { host.end() }
            try host.stackFile(
                """
                services:
                  talk:
                    image: gantry-hello:1
                    command: [sh, -c, "for i in 1 2 3 4 5; do echo line $$i; done; echo error >&2; exec sleep 100000"]
                    init: true
                """)
            try host.must("up", "-d")
            #expect(try eventually { try host.gantry("logs").stdout.contains("error") })
            #expect(try host.gantry("logs").lines.filter { $0.hasPrefix("talk-1") && $0.contains("| line ") }.count == 5)
            let tail = try host.gantry("logs", "--no-log-prefix", "--tail", "2").lines
            #expect(tail.count == 2)
            let stamped = try host.gantry("logs", "-t", "--no-log-prefix", "--tail", "1").stdout
            #expect(stamped.hasPrefix("20") && stamped.contains("T"), "\(stamped)")
            try host.must("restart", "-t", "1")
            #expect(try eventually { try host.gantry("logs").lines.filter { $0.contains("| line ") }.count == 10 })
            let follower = try host.start("logs", "-f", "--no-log-prefix")
            #expect(eventually { follower.stdout.contains("error") })
            follower.signal(SIGINT)
            let end = follower.wait(20)
            #expect(!end.isTimedOut && [0, 130].contains(end.status), "\(end)")
        }

        @Test("names: services reach each other by name and alias, and only those of their networks")
        func names() throws {
            let host = try GantryHost("names")
            defer { host.end() }
            try host.stackFile(
                """
                services:
                  web: {image: "gantry-hello:1", command: [httpd, -f, -p, "8080", -h, /www], init: true, networks: {one: {aliases: [site]}}}
                  near: {image: "gantry-hello:1", command: [sleep, "100000"], init: true, networks: [one]}
                  far: {image: "gantry-hello:1", command: [sleep, "100000"], init: true, networks: [two]}
                networks: {one: , two: }
                """)
            try host.must("up", "-d")
            for name in ["web", "site", "p-web-1"] {
                let fetch = { try host.gantry("exec", "-T", "near", "wget", "-q", "-O", "-", "http://\(name):8080/") }
                #expect(try eventually { try fetch().stdout.contains("Hello") }, "\(name): \((try? fetch())?.description ?? "")")
            }
            #expect(try host.gantry("exec", "-T", "far", "wget", "-q", "-O", "-", "http://web:8080/").status != 0)
        }

        @Test("config, ls, images, version, events of what is there")
        func looks() throws {
            let host = try two("looks")
            defer { host.end() }
            #expect(try host.must("config").stdout.contains("gantry-hello:1"))
            #expect(try host.must("ls").stdout.contains("running(2)"))
            #expect(try host.must("image", "ls").stdout.contains("gantry-hello"))
            #expect(try host.must("version").stdout.isEmpty == false)
            #expect(try host.must("ps", "-q").lines.count == 2)
            let ps = try host.must("ps")
            #expect(ps.lines.first?.split(separator: " ").first == "NAME" && ps.lines.count == 3, "\(ps)")
            #expect(try host.gantry("no-such-verb").status == 1)
            #expect(try host.gantry("up", "--no-such-flag").status == 1)
        }

        @Test("down with nothing there warns and succeeds; orphans are named")
        func rest() throws {
            let host = try two("orphans")
            defer { host.end() }
            try host.stackFile(Files.sleepers(["a"]))
            let up = try host.gantry("up", "-d")
            #expect(up.succeeded && up.stderr.contains("orphan"), "\(up)")
            try host.must("up", "-d", "--remove-orphans")
            #expect(host.runs(["a": 1]))
            try host.must("down", "-t", "0")
            #expect(try host.gantry("down").status == 0)
        }
    }
}
