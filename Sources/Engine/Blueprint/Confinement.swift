import Linux
import RuntimeSpec
import StackModel

/// `security_opt`, read.
struct SecurityOptions: Sendable, Hashable {
    var noNewPrivileges = true
    var seccompUnconfined = false
    /// An absolute path.
    var seccompProfile: String?
    var systemPathsUnconfined = false
    var warnings: [String] = []

    init(_ service: Service) throws(Failure) {
        for option in service.securityOpt {
            let parts = option.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == ":" || $0 == "=" }.map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts.first ?? "" {
            case "no-new-privileges": noNewPrivileges = value != "false"
            case "seccomp": if value == "unconfined" { seccompUnconfined = true } else { seccompProfile = value }
            case "systempaths" where value == "unconfined": systemPathsUnconfined = true
            case "apparmor", "label": warnings.append("service \"\(service.name)\": security_opt \(option) has no effect yet")
            default:
                throw Failure(
                    code: .unsupported, what: "service \"\(service.name)\": security_opt \"\(option)\"",
                    hint: "no-new-privileges, seccomp and systempaths can be given")
            }
        }
    }
}

enum Capability {
    /// `cap_add` and `cap_drop` over the default set, as Docker reads them: `ALL` first, then single names.
    static func set(_ service: Service) throws(Failure) -> [String] {
        if service.privileged { return Capabilities.names }
        let added = try names(service.capAdd, service)
        let dropped = try names(service.capDrop, service)
        var set = Defaults.capabilities
        if added.contains("ALL") { set = Capabilities.names }
        if dropped.contains("ALL") { set = [] }
        set.removeAll { dropped.contains($0) }
        for name in added where name != "ALL" && !set.contains(name) { set.append(name) }
        return set.sorted()
    }

    private static func names(_ list: [String], _ service: Service) throws(Failure) -> [String] {
        var names: [String] = []
        for text in list {
            let upper = text.uppercased()
            let name = upper == "ALL" || upper == "CAP_ALL" ? "ALL" : upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
            guard name == "ALL" || Capabilities.names.contains(name) else {
                throw Failure(code: .invalid, what: "service \"\(service.name)\": capability \"\(text)\"", cause: "there is none of this name", hint: "see capabilities(7)")
            }
            names.append(name)
        }
        return names
    }
}

enum Sysctls {
    /// Settings that have a namespace of the container's: everything else would change the host.
    static func checked(_ service: Service) throws(Failure) -> [String: String]? {
        let ownNetwork = service.networkMode != .host
        var settings: [String: String] = [:]
        if case .networks = service.networkMode { settings = Defaults.networkSysctls }
        for (name, value) in service.sysctls {
            guard isNamespaced(name, ownNetwork: ownNetwork, ownIPC: service.ipcMode != "host") else {
                throw Failure(
                    code: .denied, what: "service \"\(service.name)\": sysctl \(name)", cause: "it has no namespace: it would change the host",
                    hint: "set it on the host with sysctl(8), if that is meant")
            }
            settings[name] = value
        }
        return settings.isEmpty ? nil : settings
    }

    private static func isNamespaced(_ name: String, ownNetwork: Bool, ownIPC: Bool) -> Bool {
        if name.contains("/") || name.contains("..") { return false }
        if name.hasPrefix("net.") { return ownNetwork }
        let ipc = ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"]
        return ownIPC && (ipc.contains(name) || name.hasPrefix("fs.mqueue."))
    }
}

enum Resources {
    static func spec(_ service: Service) throws(Failure) -> ResourcesSpec {
        let wanted = service.resources
        var cpu = ResourcesSpec.CPU()
        cpu.shares = wanted.cpuShares.map { UInt64(max(0, $0)) }
        cpu.cpus = wanted.cpuset
        if let cpus = wanted.cpus, cpus > 0 {
            cpu.period = 100_000
            // The kernel takes no quota below a millisecond.
            cpu.quota = max(1000, Int64((cpus * 100_000).rounded()))
        } else {
            cpu.quota = wanted.cpuQuota.map(Int64.init)
            cpu.period = wanted.cpuPeriod.map { UInt64(max(0, $0)) }
        }
        var memory = ResourcesSpec.Memory()
        memory.limit = wanted.memory.map(Int64.init)
        memory.reservation = wanted.memoryReservation.map(Int64.init)
        memory.swap = wanted.memorySwap.map(Int64.init)
        memory.swappiness = wanted.memorySwappiness.map { UInt64(max(0, $0)) }
        memory.disableOOMKiller = wanted.oomKillDisable
        if let limit = wanted.memory, limit > 0, limit < 6 << 20 {
            throw Failure(code: .invalid, what: "service \"\(service.name)\": mem_limit \(limit)", cause: "nothing runs in less than 6 MiB", hint: "raise it; `64m` is 64 MiB")
        }
        // A fork bomb must end at the container; `pids_limit` raises or lowers it.
        let pids = wanted.pids.map(Int64.init) ?? Defaults.pidsLimit
        return ResourcesSpec(
            memory: memory, cpu: cpu, pids: .init(limit: pids),
            devices: service.privileged ? [.init(allow: true, access: "rwm")] : Defaults.deviceRules)
    }
}

/// Sizes as Docker's options have them: `10m`, `1gb`, `512`.
enum ByteCount {
    static func parse(_ text: String) -> Int? {
        let lower = text.lowercased()
        let digits = lower.prefix { $0.isNumber }
        guard let number = Int(digits), number > 0 else { return nil }
        let unit = lower.dropFirst(digits.count)
        let shift: Int
        switch unit {
        case "", "b": shift = 0
        case "k", "kb", "kib": shift = 10
        case "m", "mb", "mib": shift = 20
        case "g", "gb", "gib": shift = 30
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }
}
