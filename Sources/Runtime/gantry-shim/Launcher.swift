import CLinux
import EmbeddedLaunch

/// A launched process and what came with it.
struct Launched {
    var pid: Int32
    /// The pseudo-terminal's master; -1 without a terminal.
    var terminal: Int32
}

/// Clones a child, has it run the steps and waits until execve happened or a step failed.
enum Launcher {
    /// - Parameter streams: what becomes stdin, stdout and stderr.
    static func launch(
        _ steps: [LaunchStep], cloneFlags: UInt64, container: Int32, streams: [Int32]
    ) -> Result<Launched, LaunchFailure> {
        var pair: [Int32] = [-1, -1]
        if gl_socketpair(&pair) < 0 { return failure(gl_errno()) }
        let pid = gl_clone3(cloneFlags, nil, -1, 17)
        let number = gl_errno()
        if pid == 0 { child(steps, pair, container, streams) }
        _ = gl_close(pair[1])
        defer { _ = gl_close(pair[0]) }
        if pid < 0 { return failure(number) }
        var launched = Launched(pid: Int32(pid), terminal: -1)
        while true {
            switch Channel.receive(pair[0]) {
            case .pid(let grandchild): launched.pid = grandchild
            case .terminal(let fd): launched.terminal = fd
            case .executed: return .success(launched)
            case .failed(let failure):
                if launched.terminal >= 0 { _ = gl_close(launched.terminal) }
                var info = gl_wait()
                _ = gl_waitid(Int32(GL_P_PID), launched.pid, &info, 0)
                return .failure(failure)
            }
        }
    }

    private static func child(_ steps: [LaunchStep], _ pair: [Int32], _ container: Int32, _ streams: [Int32]) -> Never {
        _ = gl_signal_default_all()
        _ = gl_sigmask_clear()
        _ = gl_setsid()
        // Above the standard three, so that copying the streams cannot overwrite it.
        for (target, fd) in streams.enumerated() { _ = gl_dup3(fd, Int32(target), 0) }
        var interpreter = Interpreter(channel: pair[1], container: container)
        interpreter.run(steps)
        gl_exit(127)
        while true {}
    }

    private static func failure(_ errno: Int32) -> Result<Launched, LaunchFailure> {
        .failure(LaunchFailure(step: LaunchFailure.beforeSteps, errno: errno))
    }
}
