import CLinux
import Cgroups
import Launch
import Linux
import RuntimeSpec

/// What the compiler must know of the host; given, so that compiling stays pure.
public struct LaunchContext: Sendable {
    /// `cgroup.procs` files of the container's cgroup.
    public var cgroupProcs: [String]
    public var layout: CgroupLayout
    public var upper: String
    public var work: String
    public var rootfs: String
    public var log: String
    public var run: String
    /// Compiled seccomp instructions.
    public var seccomp: [UInt8]?
    /// Whether a host path is a folder (a file otherwise).
    public var isFolder: @Sendable (String) -> Bool

    public init(
        cgroupProcs: [String], layout: CgroupLayout, upper: String, work: String, rootfs: String, log: String, run: String,
        seccomp: [UInt8]?, isFolder: @escaping @Sendable (String) -> Bool
    ) {
        self.cgroupProcs = cgroupProcs
        self.layout = layout
        self.upper = upper
        self.work = work
        self.rootfs = rootfs
        self.log = log
        self.run = run
        self.seccomp = seccomp
        self.isFolder = isFolder
    }
}

/// A container's record as the steps of its launch. The order is decided here, once:
/// cgroup before its namespace · network before mounts of sysfs · mounts before devices · sysctls before masks · masks before the
/// root is turned · bounding set, groups, gid, uid, capabilities, no_new_privs · seccomp last.
public func compile(_ record: ContainerRecord, _ context: LaunchContext) throws(RuntimeError) -> LaunchPlan {
    let spec = record.spec
    guard !spec.process.args.isEmpty else {
        throw RuntimeError(
            .invalid, "container \"\(record.id)\" has no command", hint: "give the service a command, or use an image that has one")
    }
    var steps: [LaunchStep] = context.cgroupProcs.map { .joinCgroup(procs: bytes($0)) }
    steps += namespaceSteps(record)
    steps.append(.privateMounts)
    steps.append(rootStep(record, context))
    for mount in spec.mounts { steps += mountSteps(mount, context) }
    for device in spec.linux.devices ?? [] { steps.append(deviceStep(device)) }
    steps += standardLinks
    if spec.process.cwd != "/" { steps.append(.folder(path: bytes(spec.process.cwd))) }
    for (key, value) in (spec.linux.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) {
        steps.append(.sysctl(path: bytes(String(key.map { $0 == "." ? "/" : $0 })), value: bytes(value)))
    }
    if let name = spec.hostname { steps.append(.hostname(bytes(name))) }
    if let name = spec.domainname { steps.append(.domainname(bytes(name))) }
    steps += (spec.linux.maskedPaths ?? []).map { .mask(path: bytes($0)) }
    steps += (spec.linux.readonlyPaths ?? []).map { .readonly(path: bytes($0)) }
    steps.append(.oomScoreAdjust(Int32(clamping: spec.process.oomScoreAdj ?? 0)))
    steps.append(.pivotRoot)
    if spec.root.readonly == true { steps.append(.readonlyRoot) }
    steps += try processSteps(spec.process, seccomp: context.seccomp, initProcess: record.initProcess)
    return LaunchPlan(
        cloneFlags: cloneFlags(spec.linux.namespaces), steps: steps, logPath: bytes(context.log), logMaxBytes: record.log.maxBytes,
        logFiles: record.log.maxFiles, runFolder: bytes(context.run))
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Namespaces of the first clone; network and cgroup come as steps, after what they depend on.
private func cloneFlags(_ namespaces: [LinuxSpec.NamespaceSpec]) -> UInt64 {
    var flags = UInt64(GL_CLONE_NEWNS)
    for namespace in namespaces where namespace.path == nil {
        switch namespace.type {
        case .pid: flags |= UInt64(GL_CLONE_NEWPID)
        case .ipc: flags |= UInt64(GL_CLONE_NEWIPC)
        case .uts: flags |= UInt64(GL_CLONE_NEWUTS)
        case .mount, .network, .cgroup, .user, .time: break
        }
    }
    return flags
}

private func namespaceSteps(_ record: ContainerRecord) -> [LaunchStep] {
    var steps: [LaunchStep] = []
    if let path = record.networkNamespace {
        steps.append(.joinNamespace(path: bytes(path), type: UInt32(GL_CLONE_NEWNET)))
    }
    for namespace in record.spec.linux.namespaces {
        if let path = namespace.path {
            let types: [LinuxSpec.NamespaceSpec.Kind: Int] = [
                .network: GL_CLONE_NEWNET, .ipc: GL_CLONE_NEWIPC, .uts: GL_CLONE_NEWUTS, .pid: GL_CLONE_NEWPID,
            ]
            if let type = types[namespace.type] { steps.append(.joinNamespace(path: bytes(path), type: UInt32(type))) }
        } else if namespace.type == .network && record.networkNamespace == nil {
            steps.append(.unshare(flags: UInt32(GL_CLONE_NEWNET)))
        } else if namespace.type == .cgroup {
            steps.append(.unshare(flags: UInt32(GL_CLONE_NEWCGROUP)))
        }
    }
    return steps
}

private func rootStep(_ record: ContainerRecord, _ context: LaunchContext) -> LaunchStep {
    switch record.rootfs {
    case .overlay(let lower):
        .overlayRoot(
            lower: lower.map(bytes), upper: bytes(context.upper), work: bytes(context.work), target: bytes(context.rootfs))
    case .folder(let path): .bindRoot(path: bytes(path))
    }
}

private func deviceStep(_ device: LinuxSpec.DeviceSpec) -> LaunchStep {
    .device(
        path: bytes(device.path), type: device.type == "b" ? 98 : (device.type == "p" ? 112 : 99), major: UInt32(clamping: device.major ?? 0),
        minor: UInt32(clamping: device.minor ?? 0), mode: device.fileMode ?? 0o666, uid: device.uid ?? 0, gid: device.gid ?? 0)
}

private let standardLinks: [LaunchStep] = [
    ("/proc/self/fd", "/dev/fd"), ("/proc/self/fd/0", "/dev/stdin"), ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"), ("pts/ptmx", "/dev/ptmx"),
].map { .symlink(target: bytes($0.0), path: bytes($0.1)) }

/// From a prepared root to execve; the same for a container's process and for an exec.
func processSteps(_ process: ProcessSpec, seccomp: [UInt8]?, initProcess: Bool) throws(RuntimeError) -> [LaunchStep] {
    var steps: [LaunchStep] = []
    for limit in process.rlimits ?? [] {
        guard let number = Rlimits.number(limit.type) else {
            throw RuntimeError(.invalid, "unknown ulimit \"\(limit.type)\"", hint: "names are as in prlimit(1): nofile, nproc, core, …")
        }
        steps.append(.rlimit(resource: number, soft: limit.soft, hard: limit.hard))
    }
    if process.terminal == true {
        steps.append(.terminal(rows: UInt32(clamping: process.consoleSize?.height ?? 0), columns: UInt32(clamping: process.consoleSize?.width ?? 0)))
    }
    let sets = process.capabilities ?? .init()
    // What this process does not hold cannot be handed on.
    let held = Capabilities.permitted()
    let bounding = Capabilities.mask(sets.bounding ?? [])
    steps.append(.dropBounding(keep: bounding))
    steps.append(.groups(process.user.additionalGids ?? []))
    steps.append(.gid(process.user.gid))
    let confined = process.noNewPrivileges == true
    // Without no_new_privs a filter needs CAP_SYS_ADMIN, so it must come while we still have it.
    if !confined, let seccomp { steps.append(.seccomp(seccomp)) }
    steps.append(.uid(process.user.uid))
    steps.append(
        .capabilities(
            effective: Capabilities.mask(sets.effective ?? []) & held, permitted: Capabilities.mask(sets.permitted ?? []) & held,
            inheritable: Capabilities.mask(sets.inheritable ?? []) & held, ambient: Capabilities.mask(sets.ambient ?? []) & held))
    if let umask = process.user.umask { steps.append(.umask(umask)) }
    steps.append(.chdir(bytes(process.cwd)))
    if confined { steps.append(.noNewPrivileges) }
    if initProcess { steps.append(.initProcess) }
    if confined, let seccomp { steps.append(.seccomp(seccomp)) }
    steps.append(.exec(arguments: process.args.map(bytes), environment: (process.env ?? []).map(bytes)))
    return steps
}

/// Numbers of getrlimit(2).
enum Rlimits {
    private static let names = [
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice",
        "rtprio", "rttime",
    ]

    static func number(_ name: String) -> UInt32? {
        let lower = name.lowercased()
        return names.firstIndex(of: lower.hasPrefix("rlimit_") ? String(lower.dropFirst(7)) : lower).map(UInt32.init)
    }
}
