import Glibc
import Linux
import StackModel

/// Starts the daemon and waits until it listens.
struct Starter: Sendable {
    let root: String
    let run: String

    func start() throws {
        guard geteuid() == 0 else {
            throw Failure(code: .denied, what: "start gantryd", cause: "it needs to be root", hint: "run gantry with sudo")
        }
        guard let program = Self.find("gantryd") else {
            throw Failure(code: .notFound, what: "gantryd", cause: "it is neither beside gantry nor in PATH", hint: "install all three programs with `make install`")
        }
        let socket = "\(run)/gantryd.sock"
        let log = "\(run)/gantryd.log"
        do throws(SyscallError) {
            try File.makeDirectories(run, mode: 0o700)
            // Two commands that start at once start one daemon.
            let lock = try FileLock("\(run)/starting.lock", wait: true)
            defer { withExtendedLifetime(lock) {} }
            if Daemon.listens(socket) { return }
            let output = try File.open(log, flags: O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
            let begin = try File.status(fd: output.raw).size
            let pid = try Program.spawn(
                program, arguments: ["gantryd", "--keep", "--root", root, "--run", run], environment: Self.environment,
                descriptors: [-1, output.raw, output.raw], newSession: true)
            try waitUntilItListens(socket, pid, log, from: begin)
        } catch {
            throw Failure(code: .runtime, what: "start gantryd", cause: error.description)
        }
    }

    private func waitUntilItListens(_ socket: String, _ pid: Int32, _ log: String, from begin: Int64) throws(SyscallError) {
        var left = 4000
        while left > 0 {
            if Daemon.listens(socket) { return }
            var status: Int32 = 0
            // Another keeper's daemon may be about to listen, which is why ours went: that one gets a moment.
            if waitpid(pid, &status, WNOHANG) == pid { left = min(left, 200) }
            Clock.sleep(milliseconds: left > 3950 ? 2 : 10)
            left -= 1
        }
        let bytes = (try? File.readAll(log)) ?? []
        let said = String(decoding: bytes.dropFirst(Int(clamping: begin)), as: UTF8.self).split(separator: "\n").suffix(5).joined(separator: "; ")
        throw SyscallError(call: said.isEmpty ? "it did not begin to listen" : said, subject: log, errno: ETIMEDOUT)
    }

    /// What of this program's environment the daemon gets: nothing of a user's session that containers could see.
    private static var environment: [String] {
        let names: [String] = ["PATH", "HOME", "LANG", "TMPDIR"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    static func find(_ name: String) -> String? {
        if let own = try? File.readLink("/proc/self/exe") {
            let beside = "\(File.parent(of: own))/\(name)"
            if access(beside, X_OK) == 0 { return beside }
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
