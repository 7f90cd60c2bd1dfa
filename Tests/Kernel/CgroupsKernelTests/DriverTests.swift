import Cgroups
import Glibc
import Linux
import Testing
import TestSupport

/// On whatever hierarchies this host has, in a parent folder of the test's own.
@Suite(.serialized, .enabled(if: Machine.canRunContainers && Cgroup.isWritable, "needs root, busybox-static and writable cgroups"))
struct DriverTests {
    @Test func aCgroupIsMadeEverywhereAndRemovedEverywhere() throws {
        let cgroup = try Cgroup("make")
        defer { cgroup.remove() }
        let (procs, _) = try cgroup.driver.create("one", limits: Limits())
        #expect(!procs.isEmpty)
        for file in procs { #expect(File.exists(file), "\(file)") }
        #expect(cgroup.driver.list() == ["one"])
        try cgroup.driver.remove("one")
        for file in procs { #expect(!File.exists(file), "\(file)") }
        #expect(cgroup.driver.list() == [])
        try cgroup.driver.remove("one")
    }

    @Test func limitsCanBeReadBack() throws {
        let cgroup = try Cgroup("limits")
        defer { cgroup.remove() }
        var limits = Limits()
        limits.memory = 64 << 20
        limits.pids = 77
        limits.cpuQuota = 50_000
        limits.cpuPeriod = 100_000
        let notices = try cgroup.driver.create("one", limits: limits).notices
        for (controller, v1, v2) in [
            ("memory", ("memory.limit_in_bytes", "67108864"), ("memory.max", "67108864")), ("pids", ("pids.max", "77"), ("pids.max", "77")),
            ("cpu", ("cpu.cfs_quota_us", "50000"), ("cpu.max", "50000 100000")),
        ] {
            guard let (folder, isV1) = cgroup.folder(of: controller, "one") else {
                #expect(notices.contains { $0.contains(controller) }, "\(controller) is neither limited nor reported: \(notices)")
                continue
            }
            let (file, value) = isV1 ? v1 : v2
            #expect(try File.text("\(folder)/\(file)") == value + "\n")
        }
    }

    @Test func aMemoryLimitCanRiseAndFall() throws {
        let cgroup = try Cgroup("rise")
        defer { cgroup.remove() }
        guard let (folder, isV1) = cgroup.folder(of: "memory", "one") else { return print("skipped: no memory controller here") }
        _ = try cgroup.driver.create("one", limits: Limits())
        for megabytes: Int64 in [32, 128, 64] {
            var limits = Limits()
            limits.memory = megabytes << 20
            limits.memorySwap = megabytes << 20
            try cgroup.driver.apply(limits, to: "one")
            #expect(try File.text("\(folder)/\(isV1 ? "memory.limit_in_bytes" : "memory.max")") == "\(megabytes << 20)\n")
        }
    }

    @Test func killEndsEveryProcessAlsoAFrozenOne() throws {
        let cgroup = try Cgroup("kill")
        defer { cgroup.remove() }
        let procs = try cgroup.driver.create("one", limits: Limits()).procs
        for isFrozen in [false, true] {
            let pids = try (0..<5).map { _ in try cgroup.sleeper(procs) }
            defer { pids.forEach(reap) }
            #expect(Set(cgroup.driver.processes("one")) == Set(pids))
            if isFrozen {
                try cgroup.driver.freeze("one")
                #expect(eventually { cgroup.driver.isFrozen("one") })
            }
            cgroup.driver.kill("one")
            #expect(eventually { pids.allSatisfy(hasEnded) })
            #expect(eventually { cgroup.driver.processes("one").isEmpty })
        }
        try cgroup.driver.remove("one")
    }

    @Test func aFrozenGroupThaws() throws {
        let cgroup = try Cgroup("freeze")
        defer { cgroup.remove() }
        let procs = try cgroup.driver.create("one", limits: Limits()).procs
        let pid = try cgroup.sleeper(procs)
        defer { reap(pid) }
        try cgroup.driver.freeze("one")
        #expect(eventually { cgroup.driver.isFrozen("one") })
        cgroup.driver.thaw("one")
        #expect(!cgroup.driver.isFrozen("one"))
        kill(pid, SIGKILL)
        #expect(eventually { hasEnded(pid) })
    }

    @Test func theNumberOfProcessesIsBounded() throws {
        let cgroup = try Cgroup("pids")
        defer { cgroup.remove() }
        guard cgroup.folder(of: "pids", "one") != nil else { return print("skipped: no pids controller here") }
        var limits = Limits()
        limits.pids = 3
        let procs = try cgroup.driver.create("one", limits: limits).procs
        let out = try cgroup.run(procs, "for i in 1 2 3 4 5 6; do sleep 100 & done; echo came through")
        #expect(!out.contains("came through") || cgroup.driver.processes("one").count <= 3)
        cgroup.driver.kill("one")
        #expect(eventually { cgroup.driver.processes("one").isEmpty })
    }

    @Test func aMemoryHogIsKilledAndCounted() throws {
        let cgroup = try Cgroup("oom")
        defer { cgroup.remove() }
        guard cgroup.folder(of: "memory", "one") != nil else { return print("skipped: no memory controller here") }
        var limits = Limits()
        limits.memory = 16 << 20
        limits.memorySwap = 16 << 20
        let procs = try cgroup.driver.create("one", limits: limits).procs
        _ = try cgroup.run(procs, "exec dd if=/dev/zero of=/dev/null bs=64M count=1")
        #expect(eventually { cgroup.driver.oomKills("one") >= 1 })
    }

    @Test func usageIsCounted() throws {
        let cgroup = try Cgroup("usage")
        defer { cgroup.remove() }
        let procs = try cgroup.driver.create("one", limits: Limits()).procs
        _ = try cgroup.run(procs, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")
        let pid = try cgroup.sleeper(procs)
        defer { reap(pid) }
        let usage = cgroup.driver.usage("one")
        #expect(usage.pids == 1)
        #expect(usage.cpuNanoseconds > 0)
        cgroup.driver.kill("one")
        #expect(eventually { hasEnded(pid) })
    }

    @Test func groupsThatAContainerMadeInsideGoToo() throws {
        let cgroup = try Cgroup("nested")
        defer { cgroup.remove() }
        let procs = try cgroup.driver.create("one", limits: Limits()).procs
        for file in procs { try File.makeDirectories("\(File.parent(of: file))/inner/deep") }
        let inner = procs.map { "\(File.parent(of: $0))/inner/deep/cgroup.procs" }.filter { !$0.contains("cpuset") }
        let pid = try cgroup.sleeper(inner)
        defer { reap(pid) }
        #expect(cgroup.driver.processes("one") == [pid])
        cgroup.driver.kill("one")
        #expect(eventually { hasEnded(pid) })
        try cgroup.driver.remove("one")
        #expect(cgroup.driver.list() == [])
    }
}
