import API
import CLinux
import Engine
import Glibc
import Linux
import NIOPosix
import StackModel

/// The engine and its socket, until a signal or `system stop` ends them. Containers go on.
struct Daemon: Sendable {
    let root: String
    let run: String

    func serve() async throws {
        guard let shim = Paths.beside("gantry-shim") ?? search("gantry-shim") else {
            throw Failure(code: .notFound, what: "gantry-shim", cause: "it is neither beside gantryd nor in PATH", hint: "install all three programs with `make install`")
        }
        raiseFileLimit()
        umask(0o022)
        let engine = try Engine(EngineConfiguration(root: root, run: run, shim: shim, version: VersionInfo.current.version))
        let (stops, stopping) = AsyncStream.makeStream(of: Void.self)
        let server = Server(engine: engine, path: "\(run)/gantryd.sock") { stopping.yield() }
        let signals = try StopSignals { stopping.yield() }
        defer { withExtendedLifetime(signals) {} }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await engine.run() }
            tasks.addTask {
                do {
                    try await server.run(on: group) { Log.say("ready on \(server.path)") }
                } catch is CancellationError {
                } catch {
                    Log.say("the socket \(server.path) failed: \(error)")
                    stopping.yield()
                }
            }
            for await _ in stops { break }
            // Answers that are under way get a moment.
            try? await Task.sleep(for: .milliseconds(50))
            leaveInAnyCase()
            tasks.cancelAll()
        }
        try? File.remove("\(run)/gantryd.sock")
        try? await group.shutdownGracefully()
    }

    /// Everything on disk is whole at any moment: an orderly end is a courtesy, and one that hangs must not keep the daemon.
    private func leaveInAnyCase() {
        try? NamedThread.start("gantry-leave") {
            Clock.sleep(milliseconds: 3000)
            Log.say("the orderly end took too long")
            exit(0)
        }
    }

    private func search(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Every container has a handful of descriptors here.
    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// SIGTERM and SIGINT, blocked since the beginning of the program and taken by a thread that waits for nothing else.
final class StopSignals: Sendable {
    init(_ stop: @escaping @Sendable () -> Void) throws {
        let wanted: [Int32] = [SIGTERM, SIGINT]
        _ = gl_signal_ignore(SIGPIPE)
        _ = gl_signal_ignore(SIGHUP)
        try NamedThread.start("gantry-signals") {
            var (sender, code): (Int32, Int32) = (0, 0)
            while gl_sigwaitinfo(wanted, 2, &sender, &code) < 0 {}
            stop()
        }
    }
}
