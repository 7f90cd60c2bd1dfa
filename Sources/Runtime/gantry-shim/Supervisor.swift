import CLinux
import EmbeddedLaunch

/// The life of one container after its launch: one epoll loop that writes logs, answers the control socket and ends with the
/// container, leaving its exit status.
struct Supervisor {
    private enum Tag: UInt64 {
        case signal = 1
        case listener = 2
        case output = 3
        case errors = 4
        /// Plus the descriptor of the connection.
        case connection = 4096
    }

    private struct Running {
        var pid: Int32
        var connection: Int32
    }

    private let plan: LaunchPlan
    private let main: Launched
    private let mainPidfd: Int32
    private let epoll: Int32
    private let signals: Int32
    private let listener: Int32
    private var log: LogFile
    private var output: LogStream
    private var errors: LogStream
    private var buffer = [UInt8](repeating: 0, count: 16384)
    private var execs: [Running] = []

    init?(plan: LaunchPlan, main: Launched, output: Int32, errors: Int32) {
        var kept = plan
        // The steps are done: their memory is better used elsewhere.
        kept.steps = []
        self.plan = kept
        self.main = main
        let path = plan.runFolder + bytes("/shim.sock")
        _ = withCString(path) { gl_unlinkat(Int32(GL_AT_FDCWD), $0, 0) }
        epoll = gl_epoll_create()
        signals = gl_signalfd([17], 1)
        listener = withCString(path) { gl_unix_listen($0, Int32(GL_SOCK_SEQPACKET), 16) }
        mainPidfd = gl_pidfd_open(main.pid, 0)
        log = LogFile(path: plan.logPath, maxBytes: plan.logMaxBytes, files: plan.logFiles)
        self.output = LogStream(fd: main.terminal >= 0 ? main.terminal : output, name: "stdout")
        self.errors = LogStream(fd: main.terminal >= 0 ? -1 : errors, name: "stderr")
        if epoll < 0 || signals < 0 || listener < 0 || mainPidfd < 0 { return nil }
        for (fd, tag) in [
            (signals, Tag.signal), (listener, Tag.listener), (self.output.fd, Tag.output), (self.errors.fd, Tag.errors),
        ] where fd >= 0 {
            if tag == .output || tag == .errors { _ = gl_fcntl(fd, 4, GL_O_NONBLOCK) }
            _ = gl_epoll_ctl(epoll, Int32(GL_EPOLL_CTL_ADD), fd, UInt32(GL_EPOLLIN), tag.rawValue)
        }
    }

    mutating func run() {
        var events = [gl_event](repeating: gl_event(), count: 16)
        while true {
            let count = gl_epoll_wait(epoll, &events, 16, -1)
            if count < 0 { if gl_errno() == 4 { continue } else { return } }
            for index in 0..<Int(count) {
                let tag = events[index].tag
                switch Tag(rawValue: tag) {
                case .output: copied(output.read(into: &buffer), from: output.fd)
                case .errors: copied(errors.read(into: &buffer), from: errors.fd)
                case .listener: accept()
                case .signal: if reap() { return }
                default: if tag >= Tag.connection.rawValue { serve(Int32(tag - Tag.connection.rawValue)) }
                }
            }
        }
    }

    private mutating func copied(_ reading: LogStream.Reading, from fd: Int32) {
        switch reading {
        case .lines(let lines): log.append(lines)
        case .nothing: break
        case .ended: _ = gl_epoll_ctl(epoll, Int32(GL_EPOLL_CTL_DEL), fd, 0, 0)
        }
    }

    /// Collects ended children; true when the container's own process was among them.
    private mutating func reap() -> Bool {
        var scratch = [UInt8](repeating: 0, count: 128)
        _ = gl_read(signals, &scratch, 128)
        while true {
            var info = gl_wait()
            if gl_waitid(Int32(GL_P_ALL), 0, &info, Int32(GL_WNOHANG)) != 0 || info.pid == 0 { return false }
            if info.pid == main.pid {
                finish(info)
                return true
            }
            for index in 0..<execs.count where execs[index].pid == info.pid {
                reply(execs[index].connection, 3, ended(info).code, ended(info).signal)
                close(execs[index].connection)
                execs.remove(at: index)
                break
            }
        }
    }

    private func ended(_ info: gl_wait) -> (code: Int32, signal: Int32) {
        info.code == GL_CLD_EXITED ? (info.status, 0) : (128 + info.status, info.status)
    }

    /// The rest of the logs, then the exit status: whoever reads the status may count on the logs.
    private mutating func finish(_ info: gl_wait) {
        let now = gl_clock_real_ns()
        // Bounded: a process that outlived the container and still writes must not keep the shim.
        for _ in 0..<4096 {
            guard case .lines(let lines) = output.read(into: &buffer) else { break }
            log.append(lines)
        }
        for _ in 0..<4096 where errors.fd >= 0 {
            guard case .lines(let lines) = errors.read(into: &buffer) else { break }
            log.append(lines)
        }
        log.append(output.rest())
        log.append(errors.rest())
        let end = ended(info)
        let space = bytes(" ")
        publish(plan.runFolder, "exit", digits(Int64(end.code)) + space + digits(Int64(end.signal)) + space + digits(now) + bytes("\n"))
        _ = withCString(plan.runFolder + bytes("/shim.sock")) { gl_unlinkat(Int32(GL_AT_FDCWD), $0, 0) }
    }

    private func accept() {
        let fd = gl_accept(listener)
        if fd < 0 { return }
        _ = gl_epoll_ctl(epoll, Int32(GL_EPOLL_CTL_ADD), fd, UInt32(GL_EPOLLIN), Tag.connection.rawValue + UInt64(fd))
    }

    private mutating func close(_ fd: Int32) {
        _ = gl_epoll_ctl(epoll, Int32(GL_EPOLL_CTL_DEL), fd, 0, 0)
        _ = gl_close(fd)
    }

    private func reply(_ connection: Int32, _ kind: UInt8, _ first: Int32, _ second: Int32, terminal: Int32 = -1) {
        var out: [UInt8] = [kind]
        for value in [first, second] {
            for shift in 0..<4 { out.append(UInt8(truncatingIfNeeded: UInt32(bitPattern: value) >> (UInt32(shift) * 8))) }
        }
        var fd = terminal
        _ = gl_send_fds(connection, out, out.count, &fd, terminal >= 0 ? 1 : 0)
    }

    /// Requests: 1 signal(number), 2 exec (the plan's memfd, then stdin, stdout, stderr unless it has a terminal), 3
    /// resize(rows, columns). Answers: 1 done or started(pid), 2 failed(step, errno), 3 exited(code, signal).
    private mutating func serve(_ connection: Int32) {
        var fds: [Int32] = [-1, -1, -1, -1]
        var count: Int32 = 0
        let size = gl_recv_fds(connection, &buffer, 64, &fds, &count)
        defer { for index in 0..<Int(count) { _ = gl_close(fds[index]) } }
        if size <= 0 {
            if size < 0 && (gl_errno() == 11 || gl_errno() == 4) { return }
            for index in 0..<execs.count where execs[index].connection == connection { execs[index].connection = -1 }
            return close(connection)
        }
        switch buffer[0] {
        case 1:
            let failed = gl_pidfd_send_signal(mainPidfd, Int32(bitPattern: Channel.word(buffer, 1))) != 0
            let number = gl_errno()
            failed ? reply(connection, 2, -1, number) : reply(connection, 1, main.pid, 0)
        case 2 where count == 1 || count == 4: exec(connection, Array(fds[0..<Int(count)]))
        case 3:
            _ = gl_set_winsize(
                main.terminal, UInt16(truncatingIfNeeded: Channel.word(buffer, 1)),
                UInt16(truncatingIfNeeded: Channel.word(buffer, 5)))
            reply(connection, 1, main.pid, 0)
        default: reply(connection, 2, -1, 38)
        }
    }

    private mutating func exec(_ connection: Int32, _ fds: [Int32]) {
        let request: LaunchPlan
        do throws(CodecError) {
            request = try LaunchPlan(decoding: readAll(fds[0]))
        } catch {
            return reply(connection, 2, -1, 22)
        }
        let result = Launcher.launch(
            request.steps, cloneFlags: 0, container: mainPidfd, streams: fds.count == 4 ? Array(fds[1...]) : [])
        switch result {
        case .failure(let failure): reply(connection, 2, Int32(bitPattern: failure.step), failure.errno)
        case .success(let launched):
            reply(connection, 1, launched.pid, 0, terminal: launched.terminal)
            if launched.terminal >= 0 { _ = gl_close(launched.terminal) }
            execs.append(Running(pid: launched.pid, connection: connection))
        }
    }
}
