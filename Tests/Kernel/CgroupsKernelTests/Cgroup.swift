import Cgroups
import Glibc
import Linux
import TestSupport

/// A parent folder in every hierarchy for one test.
struct Cgroup {
    let driver: CgroupDriver

    init(_ name: String, layout: CgroupLayout? = nil) throws {
        let parent = "gantry-test-\(getpid())-\(name)-\(UInt32.random(in: 0..<UInt32.max))"
        driver = CgroupDriver(layout: try layout ?? CgroupLayout.current(), parent: parent)
    }

    /// False where cgroups are mounted read-only, as in most containers.
    static var isWritable: Bool {
        guard let cgroup = try? Cgroup("probe") else { return false }
        defer { cgroup.remove() }
        return (try? cgroup.driver.create("probe", limits: Limits())) != nil
    }

    func remove() {
        for name in driver.list() {
            driver.kill(name)
            try? driver.remove(name)
        }
        driver.removeParent()
    }

    /// The folder whose files limit `controller`, and whether it is v1; nil where the host has no such controller.
    func folder(of controller: String, _ name: String) -> (String, Bool)? {
        if let mount = driver.layout.v1[controller] { return ("\(mount)/\(driver.parent)/\(name)", true) }
        guard let mount = driver.layout.v2, driver.layout.v2Controllers.contains(controller) else { return nil }
        return ("\(mount)/\(driver.parent)/\(name)", false)
    }

    /// A process that joined by itself and waits to be ended; the caller reaps it.
    func sleeper(_ procs: [String]) throws -> Int32 {
        let pid = try spawn(procs, "exec sleep 1000")
        let isJoined = eventually { procs.allSatisfy { String(file: $0).split(separator: "\n").contains("\(pid)") } }
        // Only when it has become sleep is it sure to be past all writes.
        let isAsleep = isJoined && eventually { String(file: "/proc/\(pid)/comm") == "sleep\n" }
        if !isAsleep {
            kill(pid, SIGKILL)
            reap(pid)
            throw Failure(text: "process \(pid) did not join \(procs)")
        }
        return pid
    }

    /// Runs a script inside and waits for it; what it printed.
    func run(_ procs: [String], _ script: String) throws -> String {
        let output = Scratch("output")
        let pid = try spawn(procs, "exec > \(output.path)/out 2>&1; \(script)")
        reap(pid)
        return String(file: "\(output.path)/out")
    }

    private func spawn(_ procs: [String], _ script: String) throws -> Int32 {
        let joins = procs.map { "echo 0 > \($0) || exit 99; " }.joined()
        return try Program.spawn(Machine.busybox, arguments: ["sh", "-c", joins + script], environment: ["PATH=/bin:/usr/bin"])
    }

    struct Failure: Error { let text: String }
}

func hasEnded(_ pid: Int32) -> Bool {
    var info = siginfo_t()
    return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_signo != 0
}

func reap(_ pid: Int32) {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
}
