import CLinux
import Linux

/// The shim program as a sealed copy in memory: an upgrade on disk does not touch it, and no container can reach a file of the host
/// through it (the way of CVE-2019-5736).
final class ShimProgram: Sendable {
    static let name = "gantry-shim"
    private let memfd: Int32

    init(path: String) throws(SyscallError) {
        memfd = try Memfd.sealed(Self.name, try File.readAll(path)).take()
    }

    deinit { _ = gl_close(memfd) }

    /// Starts a shim with its plan.
    /// - Returns: what it reports until the launch is over: kind, first and second number.
    func launch(_ plan: [UInt8]) throws(SyscallError) -> (kind: UInt8, first: UInt32, second: UInt32) {
        let planFD = try Memfd.sealed("plan", plan)
        let pipe = try Pipe()
        let path = "/proc/\(gl_getpid())/fd/\(memfd)"
        let pid = try Program.spawn(
            path, arguments: [Self.name], descriptors: [-1, -1, -1, planFD.raw, pipe.writing.raw], newSession: true)
        pipe.closeWriting()
        let bytes = try File.readAll(fd: pipe.reading.raw, limit: 4096, subject: "shim")
        // The first process of the shim ends as soon as it has handed over to the one that stays.
        _ = try? Child.wait(pid)
        guard bytes.count >= 9 else { throw SyscallError(call: "execve", subject: Self.name, errno: 8) }
        return (bytes[0], Self.word(bytes, 1), Self.word(bytes, 5))
    }

    static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (UInt32($1) * 8) }
    }

    /// Whether the process is a shim (and not one that came to have its pid).
    static func isShim(_ pid: Int32) -> Bool {
        guard let target = try? File.readLink("/proc/\(pid)/exe") else { return false }
        return target.hasPrefix("/memfd:\(name)") && !isZombie(pid)
    }

    private static func isZombie(_ pid: Int32) -> Bool {
        guard let text = try? File.text("/proc/\(pid)/stat"), let close = text.lastIndex(of: ")") else { return true }
        return text[close...].dropFirst(2).hasPrefix("Z")
    }
}
