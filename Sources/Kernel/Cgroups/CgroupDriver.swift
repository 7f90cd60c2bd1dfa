import CLinux
import Linux

/// Cgroups of containers: `<parent>/<name>` in every hierarchy that counts.
public struct CgroupDriver: Sendable {
    public let layout: CgroupLayout
    /// The folder of ours below each hierarchy's root.
    public let parent: String
    private static let v1Used = ["memory", "cpu", "cpuacct", "cpuset", "pids", "devices", "freezer"]

    public init(layout: CgroupLayout, parent: String) {
        self.layout = layout
        self.parent = parent
    }

    /// The v1 hierarchies that are used here, each once.
    private var hierarchies: [String] { Set(Self.v1Used.compactMap { layout.v1[$0] }).sorted() }

    func folders(_ name: String) -> [String] {
        hierarchies.map { "\($0)/\(parent)/\(name)" } + (layout.v2.map { ["\($0)/\(parent)/\(name)"] } ?? [])
    }

    /// Makes the cgroup and writes its limits.
    /// - Returns: the `cgroup.procs` files that a process joins, and what could not be limited and why.
    public func create(_ name: String, limits: Limits) throws(SyscallError) -> (procs: [String], notices: [String]) {
        if let v2 = layout.v2 { try makeV2(v2, "\(parent)/\(name)") }
        for mount in hierarchies {
            try File.makeDirectories("\(mount)/\(parent)/\(name)")
        }
        if let cpuset = layout.v1["cpuset"] { try inheritCpuset(cpuset, "\(parent)/\(name)") }
        var notices = try apply(limits, to: name)
        if layout.v1["devices"] == nil, let notice = limitDevices(limits.devices, name) { notices.append(notice) }
        return (folders(name).map { "\($0)/cgroup.procs" }, notices)
    }

    /// v2 limits devices by a program that stays with the group; a new group has none yet.
    private func limitDevices(_ rules: [Limits.DeviceAccess], _ name: String) -> String? {
        if rules.isEmpty { return nil }
        let missing = "only missing device files and capabilities keep devices away"
        guard let v2 = layout.v2 else { return "\(missing): this host has no controller for them" }
        guard let program = DeviceProgram(rules) else { return "\(missing): a device rule cannot be read" }
        do throws(SyscallError) {
            let folder = try File.open("\(v2)/\(parent)/\(name)", flags: File.folder)
            try syscall("bpf", "device rules") {
                gl_attach_device_program(folder.raw, program.instructions, UInt32(program.instructions.count))
            }
            return nil
        } catch {
            return "\(missing): \(error)"
        }
    }

    private func makeV2(_ mount: String, _ path: String) throws(SyscallError) {
        var folder = mount
        let wanted = ["cpu", "memory", "pids", "cpuset", "io"].filter(layout.v2Controllers.contains)
        for part in path.split(separator: "/") {
            // A controller works in a group only when every group above hands it down.
            for controller in wanted { try? File.writeText("\(folder)/cgroup.subtree_control", "+\(controller)") }
            folder += "/\(part)"
            do throws(SyscallError) { try File.makeDirectory(folder) } catch { if error.errno != 17 { throw error } }
        }
    }

    /// v1 cpusets start empty and refuse processes; both files come from the group above.
    private func inheritCpuset(_ mount: String, _ path: String) throws(SyscallError) {
        var above = mount
        for part in path.split(separator: "/") {
            let folder = "\(above)/\(part)"
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let current = try File.text("\(folder)/\(file)")
                if current.allSatisfy(\.isWhitespace) { try File.writeText("\(folder)/\(file)", try File.text("\(above)/\(file)")) }
            }
            above = folder
        }
    }

    /// Writes limits into an existing cgroup.
    /// - Returns: a sentence for each limit whose controller this host lacks.
    @discardableResult
    public func apply(_ limits: Limits, to name: String) throws(SyscallError) -> [String] {
        var notices: [String] = []
        for write in CgroupV1.writes(for: limits) {
            guard let mount = layout.v1[write.controller] else { continue }
            let folder = "\(mount)/\(parent)/\(name)"
            do throws(SyscallError) {
                try put(write, folder, &notices)
            } catch {
                // A limit cannot rise above the limit of memory and swap together: then that one rises first.
                guard write.file == "memory.limit_in_bytes", error.errno == 22, let swap = limits.memorySwap else { throw error }
                try put(ControlWrite("memory", "memory.memsw.limit_in_bytes", "\(swap)", optional: true), folder, &notices)
                try put(write, folder, &notices)
            }
        }
        for write in CgroupV2.writes(for: limits) where layout.v1[write.controller] == nil {
            guard let mount = layout.v2, layout.v2Controllers.contains(write.controller) else {
                notices.append("\(write.file) is not limited: this host has no \(write.controller) controller")
                continue
            }
            try put(write, "\(mount)/\(parent)/\(name)", &notices)
        }
        return notices
    }

    private func put(_ write: ControlWrite, _ folder: String, _ notices: inout [String]) throws(SyscallError) {
        do throws(SyscallError) {
            try File.writeText("\(folder)/\(write.file)", write.value)
        } catch {
            // No such file: the controller is not handed down to us (a container's cgroup, a kernel without it).
            let isMissing = error.errno == 2 || (write.optional && [13, 22, 95].contains(error.errno))
            guard isMissing else { throw error }
            notices.append("\(write.file) is not limited: \(error.sentence)")
        }
    }

    /// How many processes the kernel killed here for want of memory.
    public func oomKills(_ name: String) -> Int {
        let path =
            layout.v1["memory"].map { "\($0)/\(parent)/\(name)/memory.oom_control" }
            ?? layout.v2.map { "\($0)/\(parent)/\(name)/memory.events" }
        guard let path, let text = try? File.text(path) else { return 0 }
        return Self.number("oom_kill", in: text)
    }

    static func number(_ key: String, in text: String) -> Int {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2 && parts[0] == key { return Int(parts[1]) ?? 0 }
        }
        return 0
    }

    /// Memory in bytes, processor time in nanoseconds, processes.
    public func usage(_ name: String) -> (memory: Int, cpuNanoseconds: Int, pids: Int) {
        func read(_ controller: String, _ v1File: String, _ v2File: String) -> String {
            let path = layout.v1[controller].map { "\($0)/\(parent)/\(name)/\(v1File)" } ?? layout.v2.map { "\($0)/\(parent)/\(name)/\(v2File)" }
            return path.flatMap { try? File.text($0) } ?? ""
        }
        let memory = Int(read("memory", "memory.usage_in_bytes", "memory.current").filter(\.isNumber)) ?? 0
        let cpu =
            layout.v1["cpuacct"] != nil
            ? Int(read("cpuacct", "cpuacct.usage", "").filter(\.isNumber)) ?? 0
            : Self.number("usage_usec", in: read("cpu", "", "cpu.stat")) * 1000
        return (memory, cpu, Int(read("pids", "pids.current", "pids.current").filter(\.isNumber)) ?? processes(name).count)
    }

    /// Removes the cgroup, which must have no processes left; what is not there is no error. Processes that are just ending keep a
    /// group busy for a moment, so EBUSY is asked again for up to a second.
    public func remove(_ name: String) throws(SyscallError) {
        for folder in folders(name) { try Self.remove(folder: folder) }
    }

    /// Names of the cgroups below our parent, in any hierarchy: also those that a crash left in some of them only.
    public func list() -> [String] {
        var names: Set<String> = []
        for mount in hierarchies + (layout.v2.map { [$0] } ?? []) {
            names.formUnion((try? Self.children(of: "\(mount)/\(parent)")) ?? [])
        }
        return names.sorted()
    }

    /// Removes our own parent folders if nothing is left in them.
    public func removeParent() {
        for mount in hierarchies + (layout.v2.map { [$0] } ?? []) { try? File.removeDirectory("\(mount)/\(parent)") }
    }

    private static func remove(folder: String) throws(SyscallError) {
        for attempt in 0..<100 {
            do throws(SyscallError) {
                return try File.removeDirectory(folder)
            } catch {
                guard error.errno == 16, attempt < 99 else { throw error }
                for child in (try? children(of: folder)) ?? [] { try? remove(folder: "\(folder)/\(child)") }
                _ = gl_sleep_ms(attempt < 10 ? 1 : 10)
            }
        }
    }

    static func children(of folder: String) throws(SyscallError) -> [String] {
        try File.list(folder).filter { ((try? File.status("\(folder)/\($0)"))?.isFolder) ?? false }
    }
}
