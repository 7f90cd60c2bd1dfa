import CLinux
import EmbeddedLaunch

// One shim a container: started by the daemon with the plan's memfd as descriptor 3 and a socket for the outcome as 4. It leaves the
// daemon at once (a session of its own, reparented), launches, reports, and supervises until the container ends.

/// Descriptors that the daemon gave.
let planDescriptor: Int32 = 3
let outcomeDescriptor: Int32 = 4

func report(_ kind: UInt8, _ first: UInt32, _ second: UInt32) {
    var out: [UInt8] = [kind]
    for value in [first, second] {
        for shift in 0..<4 { out.append(UInt8(truncatingIfNeeded: value >> (UInt32(shift) * 8))) }
    }
    _ = writeAll(outcomeDescriptor, out)
    _ = gl_close(outcomeDescriptor)
}

/// `<pid> <pid of the shim> <nanoseconds since 1970>`: what a daemon that comes later must know.
func publishStatus(_ plan: LaunchPlan, _ main: Launched) {
    let space = bytes(" ")
    let text = digits(Int64(main.pid)) + space + digits(Int64(gl_getpid())) + space + digits(gl_clock_real_ns()) + bytes("\n")
    publish(plan.runFolder, "status", text)
}

func pipe() -> (reading: Int32, writing: Int32) {
    var fds: [Int32] = [-1, -1]
    _ = gl_pipe2(&fds, Int32(GL_O_CLOEXEC))
    return (fds[0], fds[1])
}

func runShim() -> Int32 {
    for fd in [planDescriptor, outcomeDescriptor] { _ = gl_fcntl(fd, 2, 1) }
    let parent = gl_clone3(0, nil, -1, 0)
    if parent != 0 { return parent < 0 ? 1 : 0 }
    _ = gl_setsid()
    _ = gl_chdir("/")
    _ = gl_umask(0o022)
    _ = gl_signal_ignore(13)
    _ = gl_signal_ignore(1)
    _ = gl_sigmask_block([17, 2, 15], 3)
    // Nobody but root of the host may look into this process or open its descriptors through /proc.
    _ = gl_prctl(Int32(GL_PR_SET_DUMPABLE), 0, 0, 0, 0)
    _ = gl_prctl(Int32(GL_PR_SET_CHILD_SUBREAPER), 1, 0, 0, 0)
    guard var supervisor = begin() else { return 1 }
    // What the launch took is given back: a shim lives as long as its container.
    _ = gl_trim_memory()
    supervisor.run()
    return 0
}

/// Launches what the plan says. Nil when a step failed, which was reported.
func begin() -> Supervisor? {
    let plan: LaunchPlan
    do throws(CodecError) {
        plan = try LaunchPlan(decoding: readAll(planDescriptor))
    } catch {
        report(70, LaunchFailure.beforeSteps, 22)
        return nil
    }
    _ = gl_close(planDescriptor)
    let output = pipe()
    let errors = pipe()
    let null = gl_open("/dev/null", Int32(GL_O_RDONLY | GL_O_CLOEXEC), 0)
    switch Launcher.launch(
        plan.steps, cloneFlags: plan.cloneFlags, container: -1, streams: [null, output.writing, errors.writing])
    {
    case .failure(let failure):
        report(70, failure.step, UInt32(bitPattern: failure.errno))
        return nil
    case .success(let main):
        for fd in [null, output.writing, errors.writing] { _ = gl_close(fd) }
        publishStatus(plan, main)
        guard let supervisor = Supervisor(plan: plan, main: main, output: output.reading, errors: errors.reading) else {
            report(70, LaunchFailure.beforeSteps, UInt32(bitPattern: gl_errno()))
            _ = gl_kill(main.pid, 9)
            return nil
        }
        report(80, UInt32(bitPattern: main.pid), UInt32(bitPattern: gl_getpid()))
        return supervisor
    }
}

gl_exit(runShim())
