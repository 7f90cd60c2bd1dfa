import Glibc
import TestSupport
import Testing

extension Scenarios {
    /// The daemon is killed after the first, second, third… line of progress; the next one must finish the job.
    @Suite("A daemon killed in the middle") struct Crash {
        private static let stack =
            "services:\n  a:\n    image: gantry-hello:1\n    command: [sleep, \"100000\"]\n    init: true\n"
            + "    volumes: [\"data:/data\"]\n"
            + "  b:\n    image: gantry-hello:1\n    command: [sleep, \"100000\"]\n    init: true\n    depends_on: [a]\n"
            + "  c:\n    image: gantry-hello:1\n    command: [sleep, \"100000\"]\n    init: true\n    depends_on: [b]\nvolumes:\n  data:\n"
        private static let all = ["a": 1, "b": 1, "c": 1]

        /// Runs a verb and kills the daemon once `count` lines of progress came.
        /// - Returns: false when the verb ended before that.
        private func kill(_ host: GantryHost, after count: Int, of arguments: [String]) throws -> Bool {
            let command = try Command(Programs.gantry, ["--root", host.root, "--run", host.run, "--progress", "plain"] + arguments, folder: host.folder)
            var hasEnded = false
            let isReached = eventually(60) {
                if command.stderr.split(separator: "\n").count >= count { return true }
                hasEnded = command.hasEnded
                return hasEnded
            }
            #expect(isReached, "no progress within a minute")
            let isInTime = !hasEnded && !command.hasEnded
            host.killDaemon()
            _ = command.wait(60)
            return isInTime
        }

        @Test("during an up: everything runs once")
        func duringUp() throws {
            let host = try GantryHost("crash-up")
            defer { host.end() }
            let before = host.snapshot()
            try host.stackFile(Self.stack)
            for step in 0..<30 {
                let isInTime = try kill(host, after: step, of: ["up", "-d"])
                // Killed before it knew of the stack, nothing is to be finished: the user says it again.
                if step <= 1 { _ = try host.gantry("up", "-d") }
                let isWhole = eventually(40) { host.runs(Self.all) }
                #expect(isWhole, "killed after \(step) lines of an up: \((try? host.rows()) ?? [])")
                try host.must("down", "-v", "-t", "0")
                host.expectSame(as: before)
                if !isInTime || !isWhole { return }
            }
        }

        @Test("during a down: everything goes")
        func duringDown() throws {
            let host = try GantryHost("crash-down")
            defer { host.end() }
            let before = host.snapshot()
            try host.stackFile(Self.stack)
            for step in 0..<30 {
                try host.must("up", "-d")
                let isInTime = try kill(host, after: step, of: ["down", "-v", "-t", "0"])
                if step <= 1 { _ = try host.gantry("down", "-v", "-t", "0") }
                let isGone = eventually(40) { (try? host.rows())?.isEmpty == true }
                #expect(isGone, "killed after \(step) lines of a down: \((try? host.rows()) ?? [])")
                host.expectSame(as: before)
                if !isInTime || !isGone { return }
            }
        }
    }
}
