import CLinux
import EmbeddedLaunch

/// Runs the steps of a plan in the cloned child, one system call or so a case. It ends in execve or in the report of the step
/// that failed.
struct Interpreter {
    /// To the shim; close-on-exec, so that its end says that execve happened.
    let channel: Int32
    /// The container's first process, for `enter`; -1 in that process itself.
    let container: Int32
    var root = Root(fd: -1)

    init(channel: Int32, container: Int32) {
        self.channel = channel
        self.container = container
    }

    mutating func run(_ steps: [LaunchStep]) {
        for index in 0..<steps.count {
            do throws(Refusal) {
                try run(steps[index])
            } catch {
                Channel.send(channel, failure: LaunchFailure(step: UInt32(index), errno: error.errno))
                gl_exit(127)
            }
        }
        gl_exit(0)
    }

    private mutating func run(_ step: LaunchStep) throws(Refusal) {
        switch step {
        case .joinCgroup(let procs): try writeFile(procs, bytes("0"))
        case .joinNamespace(let path, let type): try join(path, type)
        case .unshare(let flags): try check(gl_unshare(Int32(bitPattern: flags)))
        case .privateMounts: try check(gl_mount("none", "/", nil, UInt(GL_MS_PRIVATE | GL_MS_REC), nil))
        case .overlayRoot(let lower, let upper, let work, let target): try overlay(lower, upper, work, target)
        case .bindRoot(let path): try bindRoot(path)
        case .mount(let type, let source, let target, let attributes, let options):
            try mount(type, source, target, attributes, options)
        case .bind(let source, let target, let attributes, let recursive, let folder):
            try bind(source, target, attributes, recursive, folder)
        case .device(let path, let type, let major, let minor, let mode, let uid, let gid):
            try device(path, type, major, minor, mode, uid, gid)
        case .symlink(let target, let path): try symlink(target, path)
        case .folder(let path): _ = gl_close(try root.mountpointFolder(path))
        case .sysctl(let path, let value): try sysctl(path, value)
        case .mask(let path): try mask(path)
        case .readonly(let path): try readonly(path)
        case .pivotRoot: try pivot()
        case .readonlyRoot:
            try check(gl_mount_setattr(Int32(GL_AT_FDCWD), "/", 0, UInt64(GL_MOUNT_ATTR_RDONLY), 0, 0))
        case .hostname(let name): try check(withCString(name) { gl_sethostname($0, name.count) })
        case .domainname(let name): try check(withCString(name) { gl_setdomainname($0, name.count) })
        default: try credentials(step)
        }
    }

    private mutating func credentials(_ step: LaunchStep) throws(Refusal) {
        switch step {
        case .rlimit(let resource, let soft, let hard): try limit(Int32(bitPattern: resource), soft, hard)
        case .oomScoreAdjust(let value): try writeFile(bytes("/proc/self/oom_score_adj"), digits(Int64(value)))
        case .terminal(let rows, let columns): try terminal(rows, columns)
        case .dropBounding(let keep):
            // EINVAL: the kernel has no more capabilities than these.
            for number in 0..<64 where keep & (1 << UInt64(number)) == 0 {
                if gl_prctl(Int32(GL_PR_CAPBSET_DROP), UInt(number), 0, 0, 0) < 0 {
                    if gl_errno() == 22 { break }
                    throw Refusal(errno: gl_errno())
                }
            }
        case .groups(let list): try check(gl_setgroups(list.count, list))
        case .gid(let id): try check(gl_setresgid(id))
        case .uid(let id):
            // Whoever the process is, it may open /dev/stdout and /dev/stderr again (nginx does); what cannot be given stays.
            if id != 0 { for fd: Int32 in 0...2 { _ = gl_fchownat(fd, "", id, UInt32.max, Int32(GL_AT_EMPTY_PATH)) } }
            try check(gl_prctl(Int32(GL_PR_SET_KEEPCAPS), 1, 0, 0, 0))
            try check(gl_setresuid(id))
        case .capabilities(let effective, let permitted, let inheritable, let ambient):
            try check(gl_capset(effective, permitted, inheritable))
            for number in 0..<64 where ambient & (1 << UInt64(number)) != 0 {
                try check(gl_prctl(Int32(GL_PR_CAP_AMBIENT), UInt(GL_PR_CAP_AMBIENT_RAISE), UInt(number), 0, 0))
            }
        case .noNewPrivileges: try check(gl_prctl(Int32(GL_PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0))
        case .seccomp(let program): try check(gl_seccomp_filter(program, UInt16(truncatingIfNeeded: program.count / 8), 0))
        case .umask(let mask): _ = gl_umask(mask)
        case .chdir(let path): try changeFolder(path)
        case .enter: try enter()
        case .initProcess: try becomeInit()
        case .exec(let arguments, let environment): try execute(arguments, environment)
        default: throw Refusal(errno: 38)
        }
    }

    private func writeFile(_ path: [UInt8], _ content: [UInt8]) throws(Refusal) {
        let fd = withCString(path) { gl_open($0, Int32(GL_O_WRONLY | GL_O_CLOEXEC), 0) }
        try check(fd)
        defer { _ = gl_close(fd) }
        try check(gl_write(fd, content, content.count))
    }

    private func join(_ path: [UInt8], _ type: UInt32) throws(Refusal) {
        let fd = withCString(path) { gl_open($0, Int32(GL_O_CLOEXEC), 0) }
        try check(fd)
        defer { _ = gl_close(fd) }
        try check(gl_setns(fd, Int32(bitPattern: type)))
    }

    private func sysctl(_ path: [UInt8], _ value: [UInt8]) throws(Refusal) {
        let fd = try root.open(bytes("/proc/sys/") + path, GL_O_WRONLY)
        defer { _ = gl_close(fd) }
        try check(gl_write(fd, value, value.count))
    }

    /// A limit that the host does not allow is lowered to what it does: never a reason not to start.
    private func limit(_ resource: Int32, _ soft: UInt64, _ hard: UInt64) throws(Refusal) {
        if gl_prlimit(0, resource, soft, hard) == 0 { return }
        var hostSoft: UInt64 = 0
        var hostHard: UInt64 = 0
        try check(gl_getrlimit(resource, &hostSoft, &hostHard))
        let clamped = hard < hostHard ? hard : hostHard
        try check(gl_prlimit(0, resource, soft < clamped ? soft : clamped, clamped))
    }

    /// The working folder; refused when it is not inside the root (a descriptor of the host leaked as `/proc/self/fd/N` shows as
    /// unreachable: CVE-2024-21626).
    private func changeFolder(_ path: [UInt8]) throws(Refusal) {
        try check(withCString(path) { gl_chdir($0) })
        var buffer = [UInt8](repeating: 0, count: 4096)
        try check(gl_getcwd(&buffer, buffer.count))
        if buffer[0] != 47 { throw Refusal(errno: 2) }
    }

    private func execute(_ arguments: [[UInt8]], _ environment: [[UInt8]]) throws(Refusal) {
        // All but the three standard descriptors end with execve, whatever was opened and by whom.
        try check(gl_close_range(3, UInt32.max, 4))
        try check(gl_prctl(Int32(GL_PR_SET_PDEATHSIG), 9, 0, 0, 0))
        guard let name = arguments.first, !name.isEmpty else { throw Refusal(errno: 2) }
        let argv = CStringArray(arguments)
        let envp = CStringArray(environment)
        if name.contains(47) {
            _ = withCString(name) { gl_execve($0, argv.pointer, envp.pointer) }
            throw Refusal(errno: gl_errno())
        }
        var failure: Int32 = 2
        for folder in fields(searchPath(environment), separator: 58) {
            let path = (folder.isEmpty ? bytes(".") : folder) + bytes("/") + name
            _ = withCString(path) { gl_execve($0, argv.pointer, envp.pointer) }
            let number = gl_errno()
            if number == 13 { failure = 13 } else if number != 2 && number != 20 { throw Refusal(errno: number) }
        }
        throw Refusal(errno: failure)
    }

    private func searchPath(_ environment: [[UInt8]]) -> [UInt8] {
        let prefix = bytes("PATH=")
        for entry in environment where entry.count >= 5 && Array(entry[0..<5]) == prefix { return Array(entry[5...]) }
        return bytes("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    }
}

/// A NULL-terminated array of C strings; lives until execve or the end.
struct CStringArray {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init(_ values: [[UInt8]]) {
        pointer = .allocate(capacity: values.count + 1)
        for index in 0..<values.count {
            let text = UnsafeMutablePointer<CChar>.allocate(capacity: values[index].count + 1)
            for offset in 0..<values[index].count { text[offset] = CChar(bitPattern: values[index][offset]) }
            text[values[index].count] = 0
            pointer[index] = text
        }
        pointer[values.count] = nil
    }
}
