import Containers
import Images
import Linux
import OCI
import RuntimeSpec
import StackModel

/// Everything that a container's specification is made from; all effects (folders made, users looked up) are behind it.
struct BlueprintInput: Sendable {
    var id: String
    var name: String
    var stack: String
    var service: Service
    var image: ImageConfig
    /// Absolute folders of the image's layers, top first.
    var layers: [String]
    var user: ResolvedUser
    /// Numbers of `group_add`.
    var addedGroups: [UInt32] = []
    var mounts: [ResolvedMount]
    /// A seccomp profile that the service names, read.
    var seccompProfile: SeccompSpec?
    /// The host's own name, for containers in its network.
    var hostName: String
}

/// A mount whose source on this host is known.
struct ResolvedMount: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case bind(source: String, propagation: String?)
        case tmpfs(size: Int?, mode: Int?)
    }
    var kind: Kind
    var target: String
    var readOnly: Bool
}

struct BlueprintResult: Sendable {
    var record: ContainerRecord
    var warnings: [String]
}

/// A service's replica as an OCI runtime specification. Pure.
enum Blueprint {
    static func record(_ input: BlueprintInput) throws(Failure) -> BlueprintResult {
        let service = input.service
        let security = try SecurityOptions(service)
        let capabilities = try Capability.set(service)
        let hostname = service.hostname ?? (service.networkMode == .host ? input.hostName : String(input.id.prefix(12)))
        var linux = LinuxSpec(namespaces: try namespaces(service), devices: Defaults.devices)
        linux.resources = try Resources.spec(service)
        linux.sysctl = try Sysctls.checked(service)
        if !service.privileged && !security.systemPathsUnconfined {
            linux.maskedPaths = Defaults.maskedPaths
            linux.readonlyPaths = Defaults.readonlyPaths
        }
        if !service.privileged && !security.seccompUnconfined {
            linux.seccomp = input.seccompProfile ?? Defaults.seccomp(capabilities: capabilities)
        }
        let process = try process(input, capabilities, security, hostname)
        let spec = RuntimeSpec(
            process: process, root: RootSpec(path: "rootfs", readonly: service.readOnly ? true : nil), hostname: hostname,
            domainname: service.domainname, mounts: mounts(input), annotations: service.annotations.isEmpty ? nil : service.annotations,
            linux: linux)
        let (limits, logWarnings) = logLimits(service)
        let record = ContainerRecord(
            id: input.id, spec: spec, rootfs: .overlay(lower: input.layers), log: limits, stopSignal: try stopSignal(input),
            initProcess: service.initProcess)
        return BlueprintResult(record: record, warnings: security.warnings + logWarnings)
    }

    // MARK: the process

    private static func process(
        _ input: BlueprintInput, _ capabilities: [String], _ security: SecurityOptions, _ hostname: String
    ) throws(Failure) -> ProcessSpec {
        let service = input.service
        let isRoot = input.user.uid == 0
        // A process that is not root has none of them, but may get them by a file's: as Docker has it.
        let held = isRoot ? capabilities : []
        var groups = input.user.groups
        for group in input.addedGroups where !groups.contains(group) { groups.append(group) }
        return ProcessSpec(
            args: try command(input), cwd: service.workingDir ?? nonEmpty(input.image.workingDir) ?? "/",
            user: .init(uid: input.user.uid, gid: input.user.gid, additionalGids: groups.isEmpty ? nil : groups),
            env: environment(input, hostname), capabilities: .init(bounding: capabilities, effective: held, permitted: held),
            rlimits: try limits(service), noNewPrivileges: !service.privileged && security.noNewPrivileges, oomScoreAdj: service.oomScoreAdj)
    }

    private static func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    /// An entrypoint of the service's own takes the image's command away too.
    static func command(_ input: BlueprintInput) throws(Failure) -> [String] {
        let service = input.service
        let entrypoint = service.entrypoint ?? input.image.entrypoint ?? []
        let command = service.command ?? (service.entrypoint == nil ? input.image.cmd : nil) ?? []
        let words = entrypoint + command
        guard !words.isEmpty else {
            throw Failure(
                code: .invalid, what: "service \"\(service.name)\" has no command", cause: "neither it nor image \(service.image) says what to run",
                hint: "add `command:`")
        }
        return words
    }

    /// The image's, then the service's, then what every container has.
    static func environment(_ input: BlueprintInput, _ hostname: String) -> [String] {
        var order: [String] = []
        var values: [String: String] = [:]
        func put(_ name: String, _ value: String) {
            if values.updateValue(value, forKey: name) == nil { order.append(name) }
        }
        for pair in input.image.env ?? [] {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            put(parts[0], parts.count > 1 ? parts[1] : "")
        }
        for (name, value) in input.service.environment.sorted(by: { $0.key < $1.key }) { put(name, value) }
        if values["PATH"] == nil { put("PATH", String(Defaults.environmentPath.dropFirst("PATH=".count))) }
        if values["HOSTNAME"] == nil { put("HOSTNAME", hostname) }
        if values["HOME"] == nil { put("HOME", input.user.home) }
        if input.service.tty, values["TERM"] == nil { put("TERM", "xterm") }
        return order.map { "\($0)=\(values[$0] ?? "")" }
    }

    private static func limits(_ service: Service) throws(Failure) -> [ProcessSpec.RlimitSpec]? {
        if service.ulimits.isEmpty { return nil }
        var limits: [ProcessSpec.RlimitSpec] = []
        for (name, limit) in service.ulimits.sorted(by: { $0.key < $1.key }) {
            func value(_ number: Int) -> UInt64 { number < 0 ? .max : UInt64(number) }
            limits.append(.init(type: "RLIMIT_\(name.uppercased())", soft: value(limit.soft), hard: value(limit.hard)))
        }
        return limits
    }

    private static func stopSignal(_ input: BlueprintInput) throws(Failure) -> Int32 {
        guard let text = input.service.stopSignal ?? nonEmpty(input.image.stopSignal) else { return 15 }
        guard let number = Signals.number(text) else {
            throw Failure(code: .invalid, what: "service \"\(input.service.name)\": stop_signal \"\(text)\"", cause: "there is no such signal", hint: "use a name such as SIGTERM")
        }
        return number
    }

    // MARK: namespaces and mounts

    private static func namespaces(_ service: Service) throws(Failure) -> [LinuxSpec.NamespaceSpec] {
        var namespaces = Defaults.namespaces
        if let mode = service.pidMode {
            guard mode == "host" else { throw unsupported(service, "pid", mode) }
            namespaces.removeAll { $0.type == .pid }
        }
        if let mode = service.ipcMode {
            switch mode {
            case "host": namespaces.removeAll { $0.type == .ipc }
            case "private", "shareable", "none": break
            default: throw unsupported(service, "ipc", mode)
            }
        }
        return namespaces
    }

    private static func unsupported(_ service: Service, _ key: String, _ value: String) -> Failure {
        Failure(code: .unsupported, what: "service \"\(service.name)\": \(key): \(value)", cause: "it is not served yet", hint: "use `host` or remove the key")
    }

    private static func mounts(_ input: BlueprintInput) -> [MountSpec] {
        var mounts = Defaults.mounts(shmSize: input.service.shmSize ?? Defaults.shmSize)
        if input.service.privileged {
            for index in mounts.indices where mounts[index].destination.hasPrefix("/sys") { mounts[index].options?.removeAll { $0 == "ro" } }
        }
        // A folder before what is mounted inside of it.
        let own = input.mounts.sorted { ($0.target.split(separator: "/").count, $0.target) < ($1.target.split(separator: "/").count, $1.target) }
        mounts.removeAll { mount in own.contains { $0.target == mount.destination } }
        return mounts + own.map(mount)
    }

    private static func mount(_ mount: ResolvedMount) -> MountSpec {
        let access = mount.readOnly ? "ro" : "rw"
        switch mount.kind {
        case .bind(let source, let propagation):
            return MountSpec(destination: mount.target, type: "bind", source: source, options: ["rbind", propagation ?? "rprivate", access])
        case .tmpfs(let size, let mode):
            var options = ["nosuid", "nodev", "noexec", access, "mode=\(String(mode ?? 0o1777, radix: 8))"]
            if let size { options.append("size=\(size)") }
            return MountSpec(destination: mount.target, type: "tmpfs", source: "tmpfs", options: options)
        }
    }

    private static func logLimits(_ service: Service) -> (LogLimits, [String]) {
        var limits = LogLimits()
        var warnings: [String] = []
        let driver = service.logging?.driver ?? "json-file"
        if !["json-file", "local", "none"].contains(driver) {
            warnings.append("service \"\(service.name)\": logging driver \"\(driver)\" is not served: logs are kept in files")
        }
        if let size = service.logging?.options["max-size"].flatMap(ByteCount.parse) { limits.maxBytes = UInt64(size) }
        if let files = service.logging?.options["max-file"].flatMap(UInt32.init), files > 0 { limits.maxFiles = files }
        return (limits, warnings)
    }
}
