/// Limits of one cgroup; `nil`: as it is.
public struct Limits: Codable, Sendable, Hashable {
    /// Bytes; -1: none.
    public var memory: Int64?
    /// Memory and swap together, bytes; -1: none.
    public var memorySwap: Int64?
    public var memoryReservation: Int64?
    public var swappiness: UInt64?
    public var oomKillDisable: Bool?
    /// Relative weight as v1 counts it: 2 to 262144, 1024 is normal.
    public var cpuShares: UInt64?
    /// Microseconds a period; -1: none.
    public var cpuQuota: Int64?
    public var cpuPeriod: UInt64?
    public var cpuset: String?
    public var cpusetMems: String?
    /// -1: none.
    public var pids: Int64?
    public var devices: [DeviceAccess]

    public struct DeviceAccess: Codable, Sendable, Hashable {
        public var allow: Bool
        /// As in the v1 devices controller: `a`, `c 1:3 rwm`, `c 136:* rwm`.
        public var text: String
        public init(allow: Bool, text: String) {
            self.allow = allow
            self.text = text
        }
    }

    public init() { devices = [] }
}

/// One write to a control file.
public struct ControlWrite: Sendable, Hashable {
    public var controller: String
    public var file: String
    public var value: String
    /// A kernel without this file does without (swap accounting, for one).
    public var optional: Bool
    public init(_ controller: String, _ file: String, _ value: String, optional: Bool = false) {
        self.controller = controller
        self.file = file
        self.value = value
        self.optional = optional
    }
}

/// How limits are written in cgroup v1 (Documentation/admin-guide/cgroup-v1).
public enum CgroupV1 {
    public static func writes(for limits: Limits) -> [ControlWrite] {
        var out: [ControlWrite] = []
        // The smaller of limit and memsw must be written first when both fall, the other way round when they rise; a fresh group has
        // none, so the limit comes first.
        if let value = limits.memory { out.append(ControlWrite("memory", "memory.limit_in_bytes", "\(value)")) }
        if let value = limits.memorySwap { out.append(ControlWrite("memory", "memory.memsw.limit_in_bytes", "\(value)", optional: true)) }
        if let value = limits.memoryReservation { out.append(ControlWrite("memory", "memory.soft_limit_in_bytes", "\(value)")) }
        if let value = limits.swappiness { out.append(ControlWrite("memory", "memory.swappiness", "\(value)", optional: true)) }
        if let value = limits.oomKillDisable { out.append(ControlWrite("memory", "memory.oom_control", value ? "1" : "0", optional: true)) }
        if let value = limits.cpuShares { out.append(ControlWrite("cpu", "cpu.shares", "\(value)")) }
        if let value = limits.cpuPeriod { out.append(ControlWrite("cpu", "cpu.cfs_period_us", "\(value)")) }
        if let value = limits.cpuQuota { out.append(ControlWrite("cpu", "cpu.cfs_quota_us", "\(value)")) }
        if let value = limits.cpuset { out.append(ControlWrite("cpuset", "cpuset.cpus", value)) }
        if let value = limits.cpusetMems { out.append(ControlWrite("cpuset", "cpuset.mems", value)) }
        if let value = limits.pids { out.append(ControlWrite("pids", "pids.max", value < 0 ? "max" : "\(value)")) }
        for rule in limits.devices {
            out.append(ControlWrite("devices", rule.allow ? "devices.allow" : "devices.deny", rule.text))
        }
        return out
    }
}

/// How limits are written in cgroup v2 (Documentation/admin-guide/cgroup-v2.rst).
public enum CgroupV2 {
    public static func writes(for limits: Limits) -> [ControlWrite] {
        var out: [ControlWrite] = []
        func size(_ value: Int64) -> String { value < 0 ? "max" : "\(value)" }
        if let value = limits.memory { out.append(ControlWrite("memory", "memory.max", size(value))) }
        if let value = limits.memorySwap {
            // v2 counts swap alone.
            let swap = value < 0 || limits.memory == nil ? value : max(0, value - (limits.memory ?? 0))
            out.append(ControlWrite("memory", "memory.swap.max", size(swap), optional: true))
        }
        if let value = limits.memoryReservation { out.append(ControlWrite("memory", "memory.low", size(value))) }
        if let value = limits.cpuShares { out.append(ControlWrite("cpu", "cpu.weight", "\(weight(shares: value))")) }
        if limits.cpuQuota != nil || limits.cpuPeriod != nil {
            out.append(ControlWrite("cpu", "cpu.max", "\(size(limits.cpuQuota ?? -1)) \(limits.cpuPeriod ?? 100_000)"))
        }
        if let value = limits.cpuset { out.append(ControlWrite("cpuset", "cpuset.cpus", value)) }
        if let value = limits.cpusetMems { out.append(ControlWrite("cpuset", "cpuset.mems", value)) }
        if let value = limits.pids { out.append(ControlWrite("pids", "pids.max", value < 0 ? "max" : "\(value)")) }
        return out
    }

    /// 2…262144 shares onto 1…10000: the linear map that the field agreed on, `1 + (shares - 2) * 9999 / 262142`.
    static func weight(shares: UInt64) -> UInt64 {
        let clamped = min(max(shares, 2), 262_144)
        return 1 + (clamped - 2) * 9999 / 262_142
    }
}
