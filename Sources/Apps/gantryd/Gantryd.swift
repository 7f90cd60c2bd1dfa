import API
import ArgumentParser
import CLinux
import Engine
import Glibc
import Linux
import NIOPosix
import StackModel

@main
enum Entry {
    static func main() async {
        // Before any other thread is made: all inherit the mask.
        _ = gl_sigmask_block([SIGTERM, SIGINT, SIGCHLD], 3)
        // Memory that a busy moment took is shared by all threads afterwards, instead of kept by each (mallopt(3)).
        _ = gl_limit_arenas(2)
        await Gantryd.main()
    }
}

struct Gantryd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gantryd", abstract: "Keeps stacks of containers as they are meant to be.", version: VersionInfo.current.version)

    @Option(help: "Where state is kept.") var root = environment("GANTRY_ROOT") ?? "/var/lib/gantry"
    @Option(name: .customLong("run"), help: "Where sockets and namespaces are kept.") var runFolder = environment("GANTRY_RUN") ?? "/run/gantry"
    @Flag(help: "Start again when it ends otherwise than by `gantry system stop`.") var keep = false

    mutating func run() async throws {
        let paths = (root: Paths.absolute(root), run: Paths.absolute(runFolder))
        if keep {
            try Keeper(root: paths.root, run: paths.run).keep()
            return
        }
        do {
            try await Daemon(root: paths.root, run: paths.run).serve()
        } catch let failure as Failure {
            Log.say(failure.description)
            throw ExitCode(failure.code == .busy ? 3 : 1)
        }
    }
}

private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }

/// Lines on standard error, which the keeper or systemd keeps.
enum Log {
    static func say(_ text: String) {
        let line = Array("gantryd: \(text)\n".utf8)
        _ = write(2, line, line.count)
    }
}

enum Paths {
    /// Without a folder to start from nothing else may depend on where the daemon was started.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }

    /// What the daemon gets of the environment.
    static var environment: [String] {
        let names: [String] = ["PATH", "HOME", "LANG", "TMPDIR"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    /// A program beside this one.
    static func beside(_ name: String) -> String? {
        guard let own = try? File.readLink("/proc/self/exe") else { return nil }
        let path = "\(File.parent(of: own))/\(name)"
        return access(path, X_OK) == 0 ? path : nil
    }
}
