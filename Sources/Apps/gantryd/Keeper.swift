import CLinux
import Glibc
import Linux

/// A small parent that starts the daemon again when it dies. It holds no state and starts no thread.
struct Keeper {
    let root: String
    let run: String
    /// The log is begun anew beyond this many bytes.
    private static let logLimit: Int64 = 4 << 20

    /// Returns when the daemon was stopped in order.
    func keep() throws {
        _ = setsid()
        try File.makeDirectories(run, mode: 0o700)
        guard let own = try? File.readLink("/proc/self/exe") else { return }
        // Ours to pass on, whether they come before or during a wait; blocked since the beginning of the program.
        let wanted = [SIGTERM, SIGINT, SIGCHLD]
        _ = gl_signal_ignore(SIGHUP)
        var pause: Int32 = 20
        while true {
            let started = Clock.monotonicNanoseconds
            let child = try start(own)
            let end = try wait(for: child, wanted)
            switch end {
            case .exited(0), .exited(3): return  // stopped in order; or another daemon serves these folders
            default: break
            }
            if Clock.monotonicNanoseconds - started > 10_000_000_000 { pause = 20 }
            Log.say("the daemon ended (\(end)); it is started again")
            Clock.sleep(milliseconds: pause)
            pause = min(pause * 2, 800)
        }
    }

    private func start(_ own: String) throws -> Int32 {
        let log = "\(run)/gantryd.log"
        let flags = O_WRONLY | O_APPEND | O_CREAT
        if let size = try? File.status(log).size, size > Self.logLimit { try? File.rename(log, to: "\(log).1") }
        let output = try File.open(log, flags: flags, mode: 0o600)
        let environment = Paths.environment
        return try Program.spawn(
            own, arguments: ["gantryd", "--root", root, "--run", run], environment: environment, descriptors: [-1, output.raw, output.raw])
    }

    private func wait(for child: Int32, _ signals: [Int32]) throws -> Child.End {
        while true {
            var (sender, code): (Int32, Int32) = (0, 0)
            let signal = gl_sigwaitinfo(signals, 3, &sender, &code)
            if signal == SIGCHLD { return try Child.wait(child) }
            if signal > 0 { _ = kill(child, signal) }
        }
    }
}
