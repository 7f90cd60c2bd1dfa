import FoundationEssentials
import Glibc
import TestSupport
import Testing

extension Scenarios {
    @Suite("Many times") struct Cycles {
        /// 20 in every run; GANTRY_CYCLES=100 for the long one.
        private static let count = ProcessInfo.processInfo.environment["GANTRY_CYCLES"].flatMap(Int.init) ?? 20

        @Test("up and down of five services leak nothing")
        func cycles() throws {
            let host = try GantryHost("cycles")
            defer { host.end() }
            let port = Port.free()
            let names = ["a", "b", "c", "d", "e"]
            try host.stackFile(Files.sleepers(names, extra: "    networks: [one, two]\n") + "networks:\n  one:\n  two:\n")
            try host.scratch.write("p/compose.override.yaml", "services:\n  a:\n    ports: [\"\(port):8080\"]\n    volumes: [\"v:/v\"]\nvolumes:\n  v:\n")
            let once = {
                try host.must("up", "-d")
                #expect(try host.rows().count == names.count)
                try host.must("down", "-v", "-t", "0")
            }
            // The first ones fill caches.
            for _ in 0..<3 { try once() }
            // The kernel takes links away a moment after their namespace.
            #expect(eventually { host.snapshot().count("link") == 0 })
            let before = host.snapshot()
            let pid = try #require(host.daemon())
            let (files, memory) = (Self.descriptors(pid), Self.memory(pid))
            for _ in 0..<Self.count { try once() }
            host.expectSame(as: before)
            #expect(host.daemon() == pid, "the daemon was replaced")
            #expect(eventually { Self.descriptors(pid) <= files + 8 }, "descriptors: \(files), then \(Self.descriptors(pid))")
            print("cycles: \(Self.count), daemon's memory \(memory) KiB, then \(Self.memory(pid)) KiB, descriptors \(files), then \(Self.descriptors(pid))")
            #expect(Self.memory(pid) < memory + 16 * 1024 + Self.count * 40, "memory grows: \(memory), then \(Self.memory(pid)) KiB")
        }

        private static func descriptors(_ pid: Int32) -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []).count
        }

        private static func memory(_ pid: Int32) -> Int {
            String(file: "/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("RssAnon:") }.flatMap { Int($0.filter(\.isNumber)) } ?? 0
        }
    }
}
