import Linux

extension ContainerRuntime {
    /// A container whose shim lives.
    struct Live {
        var pid: Int32
        var shim: Int32
        var since: Int64
    }

    /// The running container by its `status` file, if the shim named there is still our shim and not another process that came
    /// to have its pid.
    func live(_ id: String) -> Live? {
        guard let text = try? File.text("\(runFolder(id))/status") else { return nil }
        let numbers = text.split { $0 == " " || $0 == "\n" }.compactMap { Int64($0) }
        guard numbers.count == 3, !File.exists("\(runFolder(id))/exit") else { return nil }
        let live = Live(pid: Int32(clamping: numbers[0]), shim: Int32(clamping: numbers[1]), since: numbers[2])
        return ShimProgram.isShim(live.shim) ? live : nil
    }

    func state(_ id: String) -> ContainerStatus.State {
        if let live = live(id) {
            return cgroups.isFrozen(id) ? .paused(pid: live.pid, since: live.since) : .running(pid: live.pid, since: live.since)
        }
        let folder = runFolder(id)
        if let text = try? File.text("\(folder)/exit") {
            let numbers = text.split { $0 == " " || $0 == "\n" }.compactMap { Int64($0) }
            if numbers.count == 3 {
                return .exited(
                    ExitStatus(
                        code: Int32(clamping: numbers[0]), signal: numbers[1] == 0 ? nil : Int32(clamping: numbers[1]),
                        oomKilled: numbers[1] == 9 && cgroups.oomKills(id) > 0, at: numbers[2]))
            }
        }
        guard let status = try? File.status("\(folder)/status") else { return .created }
        // The shim was killed: nobody knows the true status. The container's processes go with it.
        return .exited(ExitStatus(code: 137, signal: 9, at: status.modifiedNanoseconds))
    }

    /// Watches the shim of a container that runs.
    func follow(_ id: String) {
        if let live = live(id) { watch.add(id, shim: live.shim) }
    }
}
