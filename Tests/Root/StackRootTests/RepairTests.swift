import Glibc
import TestSupport
import Testing

extension Scenarios {
    @Suite("What is broken is repaired") struct Repair {
        private func host(_ name: String) throws -> (GantryHost, Int) {
            let host = try GantryHost(name)
            let port = Port.free()
            try host.stackFile(Files.web(port))
            try host.must("up", "-d")
            #expect(eventually { HTTP.get(port)?.status == 200 })
            return (host, port)
        }

        /// Breaks something and waits until the stack answers again.
        private func measure(_ what: String, _ host: GantryHost, _ port: Int, _ isRepaired: () throws -> Bool) throws {
            let time = try host.seconds { try isRepaired() && HTTP.get(port)?.status == 200 }
            print("repair: \(what): \(time.map { "\(Int($0 * 1000)) ms" } ?? "never")")
            #expect(time != nil, "\(what): not repaired")
            #expect(try host.rows().count == 1)
        }

        @Test("a killed process")
        func process() throws {
            let (host, port) = try host("kill")
            defer { host.end() }
            let old = try #require(try host.processes(service: "web"))
            kill(old.main, SIGKILL)
            try measure("process killed", host, port) { try host.processes(service: "web").map { $0.main != old.main } == true }
        }

        @Test("a killed shim")
        func shim() throws {
            let (host, port) = try host("shim")
            defer { host.end() }
            let old = try #require(try host.processes(service: "web"))
            kill(old.shim, SIGKILL)
            try measure("shim killed", host, port) { try host.processes(service: "web").map { $0.shim != old.shim } == true }
            #expect(eventually { old.all.allSatisfy { !GantryHost.isAlive($0) } }, "processes of the lost shim are still there")
        }

        @Test("a killed daemon comes back and touches no container")
        func daemon() throws {
            let (host, port) = try host("daemon")
            defer { host.end() }
            let old = try #require(try host.processes(service: "web"))
            let pid = try #require(host.killDaemon())
            #expect(HTTP.get(port)?.status == 200, "the stack needs no daemon to answer")
            let time = host.seconds { host.daemon().map { $0 != pid } == true && host.runs(["web": 1]) }
            print("repair: daemon killed: \(time.map { "\(Int($0 * 1000)) ms" } ?? "never")")
            #expect(time != nil)
            #expect(try host.processes(service: "web")?.main == old.main)
            kill(old.main, SIGKILL)
            try measure("process killed after that", host, port) { try host.processes(service: "web").map { $0.main != old.main } == true }
        }

        @Test("a deleted veth, bridge and rule table", .enabled(if: Programs.has("ip") && Programs.has("nft"), "needs ip and nft"))
        func network() throws {
            let (host, port) = try host("drift")
            defer { host.end() }
            let veth = try #require(host.links(bridges: false).first, "no veth: \(host.snapshot().items)")
            let bridge = try #require(host.links(bridges: true).first, "no bridge: \(host.snapshot().items)")
            let main = try host.processes(service: "web")?.main
            let table = try #require(host.snapshot().items.first { $0.hasPrefix("nft ") })
            #expect(try Command.run("ip", ["link", "delete", veth]).succeeded)
            try measure("veth deleted", host, port) { !host.links(bridges: false).isEmpty }
            #expect(try Command.run("ip", ["link", "delete", bridge]).succeeded)
            try measure("bridge deleted", host, port) { !host.links(bridges: true).isEmpty }
            #expect(try Command.run("nft", ["delete"] + table.split(separator: " ").dropFirst().map(String.init)).succeeded)
            try measure("nft table deleted", host, port) { host.snapshot().items.contains(table) }
            #expect(try host.processes(service: "web")?.main == main, "no container needed to be touched")
        }

        @Test("a network namespace whose pin was lost")
        func pin() throws {
            let (host, port) = try host("pin")
            defer { host.end() }
            let pin = try #require(host.snapshot().items.first { $0.hasPrefix("mount ") && $0.contains("/netns/") }.map { String($0.dropFirst(6)) })
            #expect(umount2(pin, 2 /* MNT_DETACH */) == 0)
            // Nobody tells of it: the next look sees it.
            try host.must("up", "-d")
            try measure("pin of the namespace lost", host, port) { host.snapshot().items.contains("mount \(pin)") }
        }

        @Test("a service that keeps failing is started again with growing pauses, and the stack can still go down")
        func backoff() throws {
            let host = try GantryHost("backoff")
            defer { host.end() }
            let before = host.snapshot()
            try host.stackFile("services:\n  bad:\n    image: gantry-hello:1\n    command: [sh, -c, echo trying; exit 3]\n    restart: always\n")
            try host.gantry("up", "-d")
            #expect(try eventually { try host.gantry("logs", "--no-log-prefix", "bad").lines.count >= 3 })
            try host.must("down")
            host.expectSame(as: before)
        }
    }
}
