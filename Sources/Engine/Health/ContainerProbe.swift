import Containers
import Linux
import StackModel

/// Runs a probe in a container and judges its end: 0 is healthy, everything else is not, and too late is not either.
struct ContainerProbe: Sendable {
    let containers: any ContainerHost
    /// Bytes of output that are kept, as Docker does.
    private static let kept = 4096

    func run(_ id: String, _ arguments: [String], _ timeout: Milliseconds) async -> ProbeResult {
        await withCheckedContinuation { continuation in
            // A thread of its own: it sleeps for as long as the probe runs.
            do {
                try NamedThread.start("gantry-probe") { continuation.resume(returning: self.block(id, arguments, timeout)) }
            } catch {
                continuation.resume(returning: ProbeResult(isHealthy: false, output: "\(error)"))
            }
        }
    }

    private func block(_ id: String, _ arguments: [String], _ timeout: Milliseconds) -> ProbeResult {
        do throws(RuntimeError) {
            let process = try containers.record(id).spec.process
            let session = try containers.exec(
                id, ExecRequest(arguments: arguments, environment: process.env ?? [], cwd: process.cwd, user: process.user))
            session.stdin?.close()
            let deadline = Clock.monotonicNanoseconds + Int64(timeout.value) * 1_000_000
            var output: [UInt8] = []
            let ends = [session.stdout, session.stderr].compactMap { $0 }
            guard let isWhole = try? Self.drain(ends, until: deadline, into: &output), isWhole else {
                if let pidfd = try? Pidfd(session.pid) { try? pidfd.send(9) }
                return ProbeResult(isHealthy: false, output: "the check took longer than \(timeout.value) ms")
            }
            let end = try session.wait()
            return ProbeResult(isHealthy: end.code == 0, output: String(decoding: output, as: UTF8.self))
        } catch {
            return ProbeResult(isHealthy: false, output: error.description)
        }
    }

    /// Reads until all ends are closed.
    /// - Returns: false when the time was over first.
    private static func drain(_ ends: [SharedEnd], until deadline: Int64, into output: inout [UInt8]) throws(SyscallError) -> Bool {
        let epoll = try Epoll()
        for end in ends { try epoll.add(end.raw, .readable, tag: UInt64(end.raw)) }
        var open = Set(ends.map(\.raw))
        while !open.isEmpty {
            let left = deadline - Clock.monotonicNanoseconds
            if left <= 0 { return false }
            for event in epoll.wait(timeout: Int32(clamping: left / 1_000_000 + 1)) {
                let fd = Int32(truncatingIfNeeded: event.tag)
                let bytes = try File.readSome(fd, count: 4096)
                if bytes.isEmpty {
                    epoll.remove(fd)
                    open.remove(fd)
                }
                if output.count < kept { output += bytes.prefix(kept - output.count) }
            }
        }
        return true
    }
}
