import CLinux
import Glibc

/// Starting programs without forking this process (a process with threads must not fork by itself).
public enum Program {
    /// posix_spawn(3): `descriptors[i]` becomes descriptor i of the program, -1 is /dev/null; nothing else is inherited.
    /// - Returns: the pid.
    public static func spawn(
        _ path: String, arguments: [String], environment: [String] = [], descriptors: [Int32] = [-1, -1, -1], newSession: Bool = false
    ) throws(SyscallError) -> Int32 {
        var pid: Int32 = 0
        let argv = CStrings(arguments)
        let envp = CStrings(environment)
        try syscall("posix_spawn", path) {
            gl_spawn(&pid, path, argv.pointer, envp.pointer, descriptors, Int32(descriptors.count), newSession ? 1 : 0)
        }
        return pid
    }
}

/// A NULL-terminated array of C strings that lives as long as this value.
final class CStrings {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { pointer[index] = strdup(string) }
        pointer[strings.count] = nil
    }

    deinit {
        for index in 0..<count { free(pointer[index]) }
        pointer.deallocate()
    }
}

/// A process by descriptor: no other process can come to stand under it (pidfd_open(2), since Linux 5.3).
public struct Pidfd: ~Copyable, Sendable {
    public let fd: OwnedFD
    public let pid: Int32

    public init(_ pid: Int32) throws(SyscallError) {
        fd = OwnedFD(try syscall("pidfd_open", "\(pid)") { gl_pidfd_open(pid, 0) })
        self.pid = pid
    }

    public func send(_ signal: Int32) throws(SyscallError) {
        try syscall("pidfd_send_signal", "\(pid)") { gl_pidfd_send_signal(fd.raw, signal) }
    }

    /// Whether the process has ended, waiting for that at most `milliseconds`.
    public func hasEnded(within milliseconds: Int32 = 0) -> Bool {
        var poller = pollfd(fd: fd.raw, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, milliseconds) > 0
    }
}

/// A child's end, waited for.
public enum Child {
    public enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Waits for the child `pid` of this process and reaps it.
    public static func wait(_ pid: Int32) throws(SyscallError) -> End {
        var info = gl_wait()
        try syscall("waitid", "\(pid)") { gl_waitid(Int32(GL_P_PID), pid, &info, 0) }
        return info.code == GL_CLD_EXITED ? .exited(info.status) : .signalled(info.status)
    }
}

public enum Clock {
    /// Blocks the calling thread.
    public static func sleep(milliseconds: Int32) { _ = gl_sleep_ms(milliseconds) }
    /// Nanoseconds since 1970.
    public static var realNanoseconds: Int64 { gl_clock_real_ns() }
    /// Nanoseconds of the monotonic clock.
    public static var monotonicNanoseconds: Int64 { gl_clock_mono_ns() }
}

/// Names and numbers of signal(7).
public enum Signals {
    private static let list: [(String, Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7), ("FPE", 8), ("KILL", 9), ("USR1", 10),
        ("SEGV", 11), ("USR2", 12), ("PIPE", 13), ("ALRM", 14), ("TERM", 15), ("STKFLT", 16), ("CHLD", 17), ("CONT", 18),
        ("STOP", 19), ("TSTP", 20), ("TTIN", 21), ("TTOU", 22), ("URG", 23), ("XCPU", 24), ("XFSZ", 25), ("VTALRM", 26),
        ("PROF", 27), ("WINCH", 28), ("IO", 29), ("PWR", 30), ("SYS", 31), ("RTMIN", 34), ("RTMAX", 64),
    ]

    /// `SIGTERM`, `term`, `15`, `RTMIN+3`; nil when there is no such signal.
    public static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if let found = list.first(where: { $0.0 == name }) { return found.1 }
        if name.hasPrefix("RTMIN+"), let offset = Int32(name.dropFirst(6)), (0...30).contains(offset) { return 34 + offset }
        if name.hasPrefix("RTMAX-"), let offset = Int32(name.dropFirst(6)), (0...30).contains(offset) { return 64 - offset }
        return nil
    }

    /// `SIGKILL` for 9.
    public static func name(_ number: Int32) -> String {
        list.first { $0.1 == number }.map { "SIG\($0.0)" } ?? "signal \(number)"
    }
}
