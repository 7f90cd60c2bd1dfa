import CLinux
import EmbeddedLaunch

extension Interpreter {
    /// A pseudo-terminal of the container's own devpts, so that its name means something inside.
    func terminal(_ rows: UInt32, _ columns: UInt32) throws(Refusal) {
        let master = gl_open("/dev/ptmx", Int32(GL_O_RDWR | GL_O_NOCTTY | GL_O_CLOEXEC), 0)
        try check(master)
        let peer = gl_pty_peer(master)
        try check(peer)
        if rows > 0 && columns > 0 {
            _ = gl_set_winsize(master, UInt16(truncatingIfNeeded: rows), UInt16(truncatingIfNeeded: columns))
        }
        try check(gl_set_controlling_terminal(peer))
        for target in 0..<3 { try check(gl_dup3(peer, Int32(target), 0)) }
        Channel.send(channel, terminal: master)
        _ = gl_close(master)
        _ = gl_close(peer)
    }

    /// Joins every namespace of the container in one call (setns(2) with a pidfd, since Linux 5.8). The pid namespace counts for
    /// children only, hence the second clone; CLONE_PARENT makes the grandchild the shim's own child.
    func enter() throws(Refusal) {
        let flags = GL_CLONE_NEWNS | GL_CLONE_NEWPID | GL_CLONE_NEWNET | GL_CLONE_NEWIPC | GL_CLONE_NEWUTS | GL_CLONE_NEWCGROUP
        try check(gl_setns(container, Int32(flags)))
        let pid = gl_clone3(UInt64(GL_CLONE_PARENT), nil, -1, 0)
        try check(pid)
        if pid > 0 {
            Channel.send(channel, pid: Int32(pid))
            gl_exit(0)
        }
        try check(gl_setsid())
    }

    /// Stays as pid 1: signals go to the child, the orphans' ends are collected, the child's end is ours.
    func becomeInit() throws(Refusal) {
        let pid = gl_clone3(0, nil, -1, 17)
        try check(pid)
        if pid == 0 {
            try check(gl_setsid())
            return
        }
        // It never calls execve, so nothing else closes what it has of the shim; the daemon waits for the end of such a pipe.
        _ = gl_close_range(3, .max, 0)
        _ = gl_prctl(Int32(GL_PR_SET_PDEATHSIG), 9, 0, 0, 0)
        _ = gl_sigfill_block()
        var signals: [Int32] = []
        for number in 1..<65 where number != 9 && number != 19 && number != 32 && number != 33 { signals.append(Int32(number)) }
        while true {
            var sender: Int32 = 0
            var code: Int32 = 0
            let signal = gl_sigwaitinfo(signals, Int32(signals.count), &sender, &code)
            if signal == 17 { reap(Int32(pid)) } else if signal > 0 { _ = gl_kill(Int32(pid), signal) }
        }
    }

    private func reap(_ main: Int32) {
        while true {
            var info = gl_wait()
            if gl_waitid(Int32(GL_P_ALL), 0, &info, Int32(GL_WNOHANG)) != 0 || info.pid == 0 { return }
            if info.pid == main { gl_exit(info.code == GL_CLD_EXITED ? info.status : 128 + info.status) }
        }
    }
}
