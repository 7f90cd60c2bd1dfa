import Cgroups
import Launch
import Linux
import RuntimeSpec
import Seccomp
import Synchronization

extension ContainerRuntime {
    /// Launches the container's process under a new shim; returns once execve happened.
    /// - Returns: what could not be limited on this host, as sentences.
    /// - Throws: the step that failed, in words; nothing of the attempt is left.
    @discardableResult
    public func start(_ id: String) throws(RuntimeError) -> [String] {
        let record = try record(id)
        if live(id) != nil { throw RuntimeError(.running, "container \"\(id)\" is already running") }
        // Whatever the last run left goes first: its cgroup must not count into this one's.
        if File.exists("\(runFolder(id))/status") { clean(id) }
        try prepareFolders(id)
        do throws(RuntimeError) {
            let (procs, notices) = try doing("limit container \"\(id)\"") { () throws(SyscallError) in
                try cgroups.create(id, limits: limits(record.spec.linux.resources))
            }
            try launch(record, procs)
            follow(id)
            return notices
        } catch {
            clean(id)
            try? File.remove("\(runFolder(id))/status")
            throw error
        }
    }

    private func prepareFolders(_ id: String) throws(RuntimeError) {
        let (folder, run) = (folder(id), runFolder(id))
        try doing("prepare container \"\(id)\"") { () throws(SyscallError) in
            try File.makeDirectories(run, mode: 0o700)
            for name in ["exit", "status", "shim.sock"] { try File.remove("\(run)/\(name)") }
            // A volatile overlay marks its work folder, and refuses a marked one: start with a fresh one.
            try File.removeTree("\(folder)/work")
            try File.makeDirectories("\(folder)/work", mode: 0o700)
        }
    }

    private func launch(_ record: ContainerRecord, _ procs: [String]) throws(RuntimeError) {
        let id = record.id
        let context = LaunchContext(
            cgroupProcs: procs, layout: cgroups.layout, upper: "\(folder(id))/upper", work: "\(folder(id))/work",
            rootfs: "\(folder(id))/rootfs", log: "\(folder(id))/log/container.log", run: runFolder(id),
            seccomp: try record.spec.linux.seccomp.map { filter throws(RuntimeError) in try filters.program(filter) },
            isFolder: { (try? File.status($0))?.isFolder ?? true })
        let plan = try compile(record, context)
        let outcome = try doing("start the shim of \"\(id)\"") { () throws(SyscallError) in try shim.launch(plan.encoded()) }
        if outcome.kind == 70 {
            throw describe(LaunchFailure(step: outcome.first, errno: Int32(bitPattern: outcome.second)), in: plan.steps)
        }
    }

    private func limits(_ resources: ResourcesSpec?) -> Limits {
        var limits = Limits()
        guard let resources else { return limits }
        limits.memory = resources.memory?.limit
        limits.memorySwap = resources.memory?.swap
        limits.memoryReservation = resources.memory?.reservation
        limits.swappiness = resources.memory?.swappiness
        limits.oomKillDisable = resources.memory?.disableOOMKiller
        limits.cpuShares = resources.cpu?.shares
        limits.cpuQuota = resources.cpu?.quota
        limits.cpuPeriod = resources.cpu?.period
        limits.cpuset = resources.cpu?.cpus
        limits.cpusetMems = resources.cpu?.mems
        limits.pids = resources.pids?.limit
        limits.devices = (resources.devices ?? []).map { rule in
            func number(_ value: Int64?) -> String { value.map { "\($0)" } ?? "*" }
            let all = rule.type == nil || rule.type == "a"
            return Limits.DeviceAccess(
                allow: rule.allow,
                text: all ? "a" : "\(rule.type ?? "c") \(number(rule.major)):\(number(rule.minor)) \(rule.access ?? "rwm")")
        }
        return limits
    }
}

/// Compiled seccomp filters by profile: compiling takes a few milliseconds, and hundreds of containers share one profile.
final class FilterCache: Sendable {
    private let programs = Mutex<[SeccompSpec: [UInt8]]>([:])

    func program(_ spec: SeccompSpec) throws(RuntimeError) -> [UInt8] {
        if let known = programs.withLock({ $0[spec] }) { return known }
        let profile = try seccompProfile(spec)
        let compiled = try doing("compile the seccomp profile") { () throws(SyscallError) in try profile.compiled() }
        programs.withLock { $0[spec] = compiled }
        return compiled
    }
}

/// The OCI form as the kernel layer's.
/// - Throws: `.invalid` naming an action or operator that is unknown.
func seccompProfile(_ spec: SeccompSpec) throws(RuntimeError) -> SeccompProfile {
    var rules: [SeccompProfile.Rule] = []
    for rule in spec.syscalls ?? [] {
        var arguments: [SeccompProfile.Argument] = []
        for argument in rule.args ?? [] { arguments.append(try comparison(argument)) }
        rules.append(.init(names: rule.names, action: try action(rule.action, rule.errnoRet), arguments: arguments))
    }
    let architectures = (spec.architectures ?? []).map { $0.hasPrefix("SCMP_ARCH_") ? $0.dropFirst(10).lowercased() : $0.lowercased() }
    return SeccompProfile(defaultAction: try action(spec.defaultAction, spec.defaultErrnoRet), rules: rules, architectures: architectures)
}

private func action(_ name: String, _ errno: UInt32?) throws(RuntimeError) -> SeccompProfile.Action {
    switch name {
    case "SCMP_ACT_ALLOW": .allow
    case "SCMP_ACT_ERRNO": .errno(errno ?? 1)
    case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": .killThread
    case "SCMP_ACT_KILL_PROCESS": .killProcess
    case "SCMP_ACT_TRAP": .trap
    case "SCMP_ACT_LOG": .log
    default: throw RuntimeError(.invalid, "unknown seccomp action \"\(name)\"", hint: "actions are SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, …")
    }
}

private func comparison(_ argument: SeccompSpec.Argument) throws(RuntimeError) -> SeccompProfile.Argument {
    let comparisons: [String: SeccompProfile.Comparison] = [
        "SCMP_CMP_NE": .notEqual, "SCMP_CMP_LT": .less, "SCMP_CMP_LE": .lessOrEqual, "SCMP_CMP_EQ": .equal,
        "SCMP_CMP_GE": .greaterOrEqual, "SCMP_CMP_GT": .greater, "SCMP_CMP_MASKED_EQ": .maskedEqual,
    ]
    guard let comparison = comparisons[argument.op] else {
        throw RuntimeError(.invalid, "unknown seccomp operator \"\(argument.op)\"", hint: "operators are SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ, …")
    }
    return .init(index: argument.index, comparison: comparison, value: argument.value, second: argument.valueTwo ?? 0)
}
