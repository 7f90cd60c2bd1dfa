import CLinux
import Linux

extension CgroupDriver {
    /// The `cgroup.procs` files that a process of this cgroup writes itself into.
    public func procs(_ name: String) -> [String] { folders(name).map { "\($0)/cgroup.procs" } }

    /// Every process in the cgroup and in groups that the container made below it.
    public func processes(_ name: String) -> [Int32] {
        for folder in folders(name) {
            if let pids = Self.processes(folder: folder) { return pids }
        }
        return []
    }

    private static func processes(folder: String) -> [Int32]? {
        guard let text = try? File.text("\(folder)/cgroup.procs") else { return nil }
        var pids = text.split(separator: "\n").compactMap { Int32($0) }
        for child in (try? children(of: folder)) ?? [] { pids += processes(folder: "\(folder)/\(child)") ?? [] }
        return pids
    }

    /// Ends every process of the cgroup: at once through cgroup.kill (since Linux 5.14), else one by one until none is left.
    public func kill(_ name: String) {
        // A frozen v1 group does not even take SIGKILL.
        thaw(name)
        if let v2 = layout.v2, (try? File.writeText("\(v2)/\(parent)/\(name)/cgroup.kill", "1")) != nil { return }
        for round in 0..<200 {
            let pids = processes(name)
            if pids.isEmpty { return }
            killOnce(pids, name)
            if round > 2 { _ = gl_sleep_ms(round < 20 ? 1 : 10) }
        }
    }

    /// A number that was read a moment ago may belong to another process by now; who is still listed after its pidfd was opened is
    /// ours, and the pidfd stays its.
    private func killOnce(_ pids: [Int32], _ name: String) {
        for chunk in stride(from: 0, to: pids.count, by: 64) {
            var open: [Int32: Int32] = [:]
            for pid in pids[chunk..<min(chunk + 64, pids.count)] {
                let fd = gl_pidfd_open(pid, 0)
                if fd >= 0 { open[pid] = fd }
            }
            let still = Set(processes(name))
            for (pid, fd) in open {
                if still.contains(pid) { _ = gl_pidfd_send_signal(fd, 9) }
                _ = gl_close(fd)
            }
        }
    }

    /// Stops every process.
    public func freeze(_ name: String) throws(SyscallError) {
        if let mount = layout.v1["freezer"] { return try File.writeText("\(mount)/\(parent)/\(name)/freezer.state", "FROZEN") }
        if let v2 = layout.v2 { try File.writeText("\(v2)/\(parent)/\(name)/cgroup.freeze", "1") }
    }

    public func thaw(_ name: String) {
        if let mount = layout.v1["freezer"] { try? File.writeText("\(mount)/\(parent)/\(name)/freezer.state", "THAWED") }
        if let v2 = layout.v2 { try? File.writeText("\(v2)/\(parent)/\(name)/cgroup.freeze", "0") }
    }

    public func isFrozen(_ name: String) -> Bool {
        if let mount = layout.v1["freezer"] {
            return (try? File.text("\(mount)/\(parent)/\(name)/freezer.state"))?.hasPrefix("F") ?? false
        }
        guard let v2 = layout.v2 else { return false }
        return (try? File.text("\(v2)/\(parent)/\(name)/cgroup.freeze"))?.hasPrefix("1") ?? false
    }
}
