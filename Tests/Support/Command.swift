import FoundationEssentials
import Glibc

/// A program run by a test: standard input is /dev/null (or given bytes), output goes to files, so that a daemon that it leaves
/// behind keeps nobody waiting.
public final class Command: Sendable {
    public struct Result: Sendable, CustomStringConvertible {
        /// The exit code, or 128 plus the signal.
        public var status: Int32
        public var stdout: String
        public var stderr: String
        public var isTimedOut: Bool
        public var succeeded: Bool { status == 0 }
        public var lines: [String] { stdout.split(separator: "\n").map(String.init) }
        /// For the message of a failed expectation.
        public var description: String {
            "status \(status)\(isTimedOut ? " (timed out)" : "")\n--- stdout\n\(stdout)\n--- stderr\n\(stderr)"
        }
    }

    public struct NotStarted: Error, CustomStringConvertible {
        public var description: String
        public init(description: String) { self.description = description }
    }

    public let pid: Int32
    private let scratch = Scratch("command")

    /// Starts `program` (a path, or a name that PATH knows) with a process group of its own.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil, input: [UInt8]? = nil,
        inputFile: String? = nil
    ) throws {
        var stdin = inputFile ?? "/dev/null"
        if let input {
            stdin = "\(scratch.path)/in"
            try Data(input).write(to: URL(filePath: stdin))
        }
        var all = ProcessInfo.processInfo.environment
        for name in all.keys where name.hasPrefix("COMPOSE_") || name.hasPrefix("GANTRY_") { all[name] = nil }
        all.merge(environment) { $1 }
        pid = try Self.spawn(
            program, arguments, all.map { "\($0)=\($1)" }, folder, (stdin, "\(scratch.path)/out", "\(scratch.path)/err"))
    }

    /// Runs a program to its end, or kills its process group when the time is up.
    public static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil, input: [UInt8]? = nil,
        inputFile: String? = nil, timeout seconds: Double = 120
    ) throws -> Result {
        try Command(program, arguments, environment: environment, folder: folder, input: input, inputFile: inputFile).wait(seconds)
    }

    public var stdout: String { String(file: "\(scratch.path)/out") }
    public var stderr: String { String(file: "\(scratch.path)/err") }

    public func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end; call it once.
    public func wait(_ seconds: Double = 120) -> Result {
        var status: Int32 = 0
        var pause: UInt32 = 500
        var isTimedOut = false
        let end = Date().timeIntervalSince1970 + seconds
        while waitpid(pid, &status, isTimedOut ? 0 : WNOHANG) == 0 {
            if Date().timeIntervalSince1970 > end {
                isTimedOut = true
                kill(-pid, SIGKILL)
                kill(pid, SIGKILL)
                continue
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return Result(status: code, stdout: stdout, stderr: stderr, isTimedOut: isTimedOut)
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String], _ folder: String?, _ files: (String, String, String)
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, files.0, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files.1, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files.2, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Test runners may block or ignore signals; programs start with the usual ones.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        // A shell that becomes the program changes the folder: posix_spawn alone cannot, as far as Swift's Glibc module shows it.
        let words = (folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] } ?? []) + [program] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: Int32 = 0
        let result = posix_spawnp(&pid, words[0], &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw NotStarted(description: "cannot start \"\(program)\": \(String(cString: strerror(result)))") }
        return pid
    }
}

extension Command {
    /// Whether it has ended; `wait` still has to be called.
    public var hasEnded: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_signo != 0
    }
}
