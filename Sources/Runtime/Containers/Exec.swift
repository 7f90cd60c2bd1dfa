import Cgroups
import Launch
import Linux
import RuntimeSpec

/// A process inside a running container, with the ends of its streams.
public final class ExecSession: Sendable {
    public let pid: Int32
    /// Pipes: write here. With a terminal: its other end, for both directions. Owned by the session until it goes.
    public let stdin: SharedEnd?
    public let stdout: SharedEnd?
    public let stderr: SharedEnd?
    public let terminal: SharedEnd?
    private let control: SharedFD

    init(pid: Int32, control: SharedFD, stdin: SharedEnd?, stdout: SharedEnd?, stderr: SharedEnd?, terminal: SharedEnd?) {
        self.pid = pid
        self.control = control
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.terminal = terminal
    }

    public func resize(rows: Int, columns: Int) {
        if let terminal { Terminal.resize(terminal.raw, rows: rows, columns: columns) }
    }

    /// Waits for the end (blocking).
    /// - Throws: `.notRunning` when the container ended before its status was known.
    public func wait() throws(RuntimeError) -> ExitStatus {
        let answer = try doing("wait for the process") { () throws(SyscallError) in try UnixSocket.receive(control.raw, capacity: 64).bytes }
        guard answer.count >= 9, answer[0] == 3 else {
            throw RuntimeError(.notRunning, "the container ended", hint: "see its logs")
        }
        let signal = Int32(bitPattern: ShimProgram.word(answer, 5))
        return ExitStatus(
            code: Int32(bitPattern: ShimProgram.word(answer, 1)), signal: signal == 0 ? nil : signal, at: Clock.realNanoseconds)
    }
}

extension ContainerRuntime {
    /// Runs a process in a running container, confined as the container's own process is.
    public func exec(_ id: String, _ request: ExecRequest) throws(RuntimeError) -> ExecSession {
        let record = try record(id)
        guard live(id) != nil else { throw RuntimeError(.notRunning, "container \"\(id)\" is not running") }
        let plan = LaunchPlan(steps: try execSteps(record, request))
        let path = "\(runFolder(id))/shim.sock"
        return try doing("reach the shim of \"\(id)\"") { () throws(SyscallError) in
            let control = SharedFD(try UnixSocket.connect(path, sequenced: true).take())
            let memfd = try Memfd.sealed("exec", plan.encoded())
            if request.terminal != nil {
                try UnixSocket.send(control.raw, [2], descriptors: [memfd.raw])
                return ExecStreams(control: control)
            }
            let (input, output, errors) = (try Pipe(), try Pipe(), try Pipe())
            try UnixSocket.send(
                control.raw, [2], descriptors: [memfd.raw, input.reading.raw, output.writing.raw, errors.writing.raw])
            // Ours must go, or the readers would wait for an end that never comes.
            for end in [input.reading, output.writing, errors.writing] { end.close() }
            return ExecStreams(
                control: control, stdin: input.writing, stdout: output.reading, stderr: errors.reading)
        }.session(plan.steps)
    }

    private func execSteps(_ record: ContainerRecord, _ request: ExecRequest) throws(RuntimeError) -> [LaunchStep] {
        var process = record.spec.process
        process.args = request.arguments
        process.env = request.environment
        process.cwd = request.cwd
        process.user = request.user
        process.terminal = request.terminal != nil
        process.consoleSize = request.terminal.map { .init(height: $0.rows, width: $0.columns) }
        var filter = record.spec.linux.seccomp
        if request.privileged {
            let all = Capabilities.names
            process.capabilities = .init(bounding: all, effective: all, permitted: all)
            process.noNewPrivileges = false
            filter = nil
        }
        let program = try filter.map { filter throws(RuntimeError) in try filters.program(filter) }
        var steps: [LaunchStep] = cgroups.procs(record.id).map { .joinCgroup(procs: bytes($0)) }
        steps.append(.oomScoreAdjust(Int32(clamping: process.oomScoreAdj ?? 0)))
        steps.append(.enter)
        return steps + (try processSteps(process, seccomp: program, initProcess: false))
    }
}

/// The daemon's side of an exec that was asked for.
private struct ExecStreams {
    var control: SharedFD
    var stdin: SharedEnd?
    var stdout: SharedEnd?
    var stderr: SharedEnd?

    /// Waits for the shim's answer: it runs, or a step failed.
    func session(_ steps: [LaunchStep]) throws(RuntimeError) -> ExecSession {
        let (answer, fds) = try doing("start the process") { () throws(SyscallError) in
            try UnixSocket.receive(control.raw, capacity: 64)
        }
        let terminal = fds.first.map { SharedEnd($0) }
        guard answer.count >= 9 else {
            throw RuntimeError(.notRunning, "the container ended while the process was started")
        }
        let (first, second) = (ShimProgram.word(answer, 1), ShimProgram.word(answer, 5))
        if answer[0] == 2 { throw describe(LaunchFailure(step: first, errno: Int32(bitPattern: second)), in: steps) }
        return ExecSession(
            pid: Int32(bitPattern: first), control: control, stdin: stdin, stdout: stdout, stderr: stderr, terminal: terminal)
    }
}
