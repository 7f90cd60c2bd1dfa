import Containers
import FoundationEssentials
import Glibc
import RuntimeSpec
import TestSupport

/// An engine's container part in a folder of its own, with busybox as the only layer.
final class Fixture {
    let scratch = Scratch("containers")
    let runtime: ContainerRuntime
    let cgroup: String
    var ids: [String] = []

    init() throws {
        cgroup = "gantry-test-\(getpid())-\(UInt32.random(in: 0..<UInt32.max))"
        try Machine.busyboxRoot(at: "\(scratch.path)/layer")
        runtime = try ContainerRuntime(
            root: "\(scratch.path)/root", run: "\(scratch.path)/run", shim: "\(Machine.products)/gantry-shim", cgroup: cgroup)
    }

    func record(_ id: String, _ script: String, edit: (inout ContainerRecord) -> Void = { _ in }) -> ContainerRecord {
        let capabilities = Defaults.capabilities
        var process = ProcessSpec(args: ["/bin/sh", "-c", script])
        process.env = [Defaults.environmentPath]
        process.capabilities = .init(bounding: capabilities, effective: capabilities, permitted: capabilities)
        process.noNewPrivileges = true
        var spec = RuntimeSpec(process: process, root: .init(path: "rootfs"), hostname: "box")
        spec.mounts = Defaults.mounts(shmSize: 1 << 20)
        spec.linux = LinuxSpec(
            namespaces: Defaults.namespaces + [.init(.network)], devices: Defaults.devices,
            resources: .init(pids: .init(limit: 100), devices: Defaults.deviceRules), maskedPaths: Defaults.maskedPaths,
            readonlyPaths: Defaults.readonlyPaths, seccomp: Defaults.seccomp(capabilities: capabilities))
        var record = ContainerRecord(id: id, spec: spec, rootfs: .overlay(lower: ["\(scratch.path)/layer"]))
        edit(&record)
        return record
    }

    /// Creates and starts.
    func start(_ id: String, _ script: String, edit: (inout ContainerRecord) -> Void = { _ in }) throws {
        ids.append(id)
        try runtime.create(record(id, script, edit: edit))
        try runtime.start(id)
    }

    func exit(_ id: String) throws -> Containers.ExitStatus? {
        var found: Containers.ExitStatus?
        _ = try eventually {
            if case .exited(let status) = try runtime.status(id).state { found = status }
            return found != nil
        }
        return found
    }

    func log(_ id: String) -> String {
        String(file: "\(runtime.logFolder(id))/container.log").split(separator: "\n").map {
            $0.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).joined()
        }.joined(separator: "\n")
    }

    /// Starts, waits for the end and answers what was printed.
    func output(_ id: String, _ script: String, edit: (inout ContainerRecord) -> Void = { _ in }) throws -> String {
        try start(id, script, edit: edit)
        _ = try exit(id)
        return log(id)
    }

    deinit {
        for id in ids {
            // One that was never started has no end to wait for.
            if let state = try? runtime.status(id).state, state != .created {
                try? runtime.killAll(id)
                _ = try? exit(id)
            }
            try? runtime.delete(id)
        }
        runtime.removeEmptyCgroups()
    }
}
