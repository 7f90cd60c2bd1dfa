import Cgroups
import Testing

/// The two kernels' words for the same limits, as tables.
@Suite struct WriteTests {
    private static func limits(_ set: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        set(&limits)
        return limits
    }

    private func text(_ writes: [ControlWrite]) -> [String] { writes.map { "\($0.file) = \($0.value)\($0.optional ? " ?" : "")" } }

    private static let all = limits {
        $0.memory = 64 << 20
        $0.memorySwap = 96 << 20
        $0.memoryReservation = 32 << 20
        $0.cpuShares = 1024
        $0.cpuQuota = 50_000
        $0.cpuPeriod = 100_000
        $0.cpuset = "0-1"
        $0.cpusetMems = "0"
        $0.pids = 100
        $0.devices = [.init(allow: false, text: "a"), .init(allow: true, text: "c 1:3 rwm")]
    }

    @Test func nothingAskedNothingWritten() {
        #expect(CgroupV1.writes(for: Limits()).isEmpty && CgroupV2.writes(for: Limits()).isEmpty)
    }

    @Test func v1() {
        #expect(
            text(CgroupV1.writes(for: Self.all)) == [
                "memory.limit_in_bytes = 67108864", "memory.memsw.limit_in_bytes = 100663296 ?", "memory.soft_limit_in_bytes = 33554432",
                "cpu.shares = 1024", "cpu.cfs_period_us = 100000", "cpu.cfs_quota_us = 50000", "cpuset.cpus = 0-1", "cpuset.mems = 0",
                "pids.max = 100", "devices.deny = a", "devices.allow = c 1:3 rwm",
            ])
    }

    @Test func v2() {
        #expect(
            text(CgroupV2.writes(for: Self.all)) == [
                "memory.max = 67108864", "memory.swap.max = 33554432 ?", "memory.low = 33554432", "cpu.weight = 39",
                "cpu.max = 50000 100000", "cpuset.cpus = 0-1", "cpuset.mems = 0", "pids.max = 100",
            ])
    }

    @Test func noLimitHasItsOwnWordInEach() {
        let none = Self.limits {
            $0.memory = -1
            $0.memorySwap = -1
            $0.cpuQuota = -1
            $0.pids = -1
        }
        #expect(
            text(CgroupV1.writes(for: none)) == [
                "memory.limit_in_bytes = -1", "memory.memsw.limit_in_bytes = -1 ?", "cpu.cfs_quota_us = -1", "pids.max = max",
            ])
        #expect(text(CgroupV2.writes(for: none)) == ["memory.max = max", "memory.swap.max = max ?", "cpu.max = max 100000", "pids.max = max"])
    }

    @Test func swapIsNeverLessThanNothing() {
        let odd = Self.limits {
            $0.memory = 100
            $0.memorySwap = 50
        }
        #expect(text(CgroupV2.writes(for: odd)).contains("memory.swap.max = 0 ?"))
    }

    @Test(arguments: [(2, 1), (0, 1), (1024, 39), (262_144, 10_000), (UInt64.max, 10_000)] as [(UInt64, Int)])
    func sharesBecomeAWeight(shares: UInt64, weight: Int) {
        #expect(text(CgroupV2.writes(for: Self.limits { $0.cpuShares = shares })) == ["cpu.weight = \(weight)"])
    }
}
