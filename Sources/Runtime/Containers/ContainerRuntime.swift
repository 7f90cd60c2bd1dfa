import Cgroups
import FoundationEssentials
import Launch
import Linux
import RuntimeSpec

/// Containers on this host: files under `root`, what runs under `run`, one shim for each running container.
///
/// Calls are synchronous and safe from many threads. Nothing here remembers what runs: the kernel and the files do, so a new
/// daemon sees the containers of the one before.
public struct ContainerRuntime: Sendable {
    let root: String
    let run: String
    let cgroups: CgroupDriver
    let shim: ShimProgram
    let watch: ShimWatch
    let filters = FilterCache()

    /// - Parameters:
    ///   - shim: path of the `gantry-shim` program.
    ///   - cgroup: the folder below each cgroup hierarchy that holds this engine's containers.
    public init(root: String, run: String, shim: String, cgroup: String) throws(RuntimeError) {
        self.root = "\(root)/containers"
        self.run = "\(run)/containers"
        let folders = [self.root, self.run]
        let layout = try doing("prepare the container folders") { () throws(SyscallError) in
            for folder in folders { try File.makeDirectories(folder, mode: 0o700) }
            return try CgroupLayout.current()
        }
        cgroups = CgroupDriver(layout: layout, parent: cgroup)
        self.shim = try doing("read the shim program \"\(shim)\"") { () throws(SyscallError) in try ShimProgram(path: shim) }
        watch = try doing("watch containers") { () throws(SyscallError) in try ShimWatch() }
        for status in try list() { follow(status.id) }
    }

    public var layout: CgroupLayout { cgroups.layout }

    func folder(_ id: String) -> String { "\(root)/\(id)" }
    func runFolder(_ id: String) -> String { "\(run)/\(id)" }

    /// Writes the container's files; starts nothing.
    public func create(_ record: ContainerRecord) throws(RuntimeError) {
        guard !record.id.isEmpty, record.id.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), !record.id.hasPrefix(".")
        else { throw RuntimeError(.invalid, "\"\(record.id)\" cannot be a container id", hint: "use letters, digits, - and _") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(record) else { throw RuntimeError(.invalid, "write the record of \"\(record.id)\"") }
        let folder = folder(record.id)
        try doing("create container \"\(record.id)\"") { () throws(SyscallError) in
            try File.makeDirectories(folder, mode: 0o700)
            for name in ["upper", "work", "rootfs", "log"] { try File.makeDirectories("\(folder)/\(name)", mode: 0o755) }
            try File.writeAtomically("\(folder)/record.json", Array(data))
        }
    }

    /// The record that `create` wrote.
    public func record(_ id: String) throws(RuntimeError) -> ContainerRecord {
        let path = "\(folder(id))/record.json"
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try File.readAll(path)
        } catch {
            if error.errno == 2 { throw RuntimeError(.notFound, "there is no container \"\(id)\"") }
            throw RuntimeError(.system, "read container \"\(id)\"", cause: error.description)
        }
        guard let record = try? JSONDecoder().decode(ContainerRecord.self, from: Data(bytes)) else {
            throw RuntimeError(.damaged, "the record of container \"\(id)\" cannot be read", hint: "remove the container and bring the stack up again")
        }
        return record
    }

    /// Every container that has a folder, with its state now.
    public func list() throws(RuntimeError) -> [ContainerStatus] {
        let root = root
        let ids = try doing("list containers") { () throws(SyscallError) in try File.list(root) }
        return ids.map { id in
            File.exists("\(root)/\(id)/record.json")
                ? ContainerStatus(id: id, state: state(id)) : ContainerStatus(id: id, state: .damaged("it has no record"))
        }
    }

    public func status(_ id: String) throws(RuntimeError) -> ContainerStatus {
        guard File.exists("\(folder(id))/record.json") else { throw RuntimeError(.notFound, "there is no container \"\(id)\"") }
        return ContainerStatus(id: id, state: state(id))
    }

    /// - Throws: `.notRunning` unless it runs.
    public func signal(_ id: String, _ signal: Int32) throws(RuntimeError) {
        guard let live = live(id) else { throw RuntimeError(.notRunning, "container \"\(id)\" is not running") }
        if signal == 9 { cgroups.thaw(id) }
        try doing("signal container \"\(id)\"") { () throws(SyscallError) in
            // The pid cannot belong to another process: its shim lives, and only the shim reaps it.
            do throws(SyscallError) { try Pidfd(live.pid).send(signal) } catch { if error.errno != 3 { throw error } }
        }
    }

    /// Ends every process of the container.
    public func killAll(_ id: String) throws(RuntimeError) { cgroups.kill(id) }

    public func pause(_ id: String) throws(RuntimeError) {
        guard live(id) != nil else { throw RuntimeError(.notRunning, "container \"\(id)\" is not running") }
        try doing("pause container \"\(id)\"") { () throws(SyscallError) in try cgroups.freeze(id) }
    }

    public func resume(_ id: String) throws(RuntimeError) { cgroups.thaw(id) }

    /// Removes a container that does not run: cgroup, writable layer, logs, record. Doing it again is no error.
    public func delete(_ id: String) throws(RuntimeError) {
        if live(id) != nil { throw RuntimeError(.running, "container \"\(id)\" is running", hint: "stop it first") }
        clean(id)
        let folders = ["\(folder(id))/record.json", runFolder(id), folder(id)]
        try doing("remove container \"\(id)\"") { () throws(SyscallError) in
            for folder in folders { try File.removeTree(folder) }
        }
    }

    /// What a container that ended may have left: processes of its cgroup and the cgroup.
    func clean(_ id: String) {
        cgroups.kill(id)
        try? cgroups.remove(id)
    }

    /// Ids of containers to look at again: ended ones, also those an earlier daemon started.
    public func changes() -> AsyncStream<String> { watch.ids }

    public func logFolder(_ id: String) -> String { "\(folder(id))/log" }

    public func usage(_ id: String) -> (memory: Int, cpuNanoseconds: Int, pids: Int) { cgroups.usage(id) }

    /// Takes away our own cgroup folders if they are empty: for the last of an engine's containers.
    public func removeEmptyCgroups() { cgroups.removeParent() }
}
