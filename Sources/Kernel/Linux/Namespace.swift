import CLinux
import Glibc

/// namespaces(7).
public enum Namespace {
    /// Runs `body` on a thread of its own, which ends with it: calls that change the calling thread (setns, unshare) do not
    /// touch any other.
    public static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SyscallError) -> Value
    ) throws(SyscallError) -> Value {
        let box = Box<Value>()
        let job = Job { do throws(SyscallError) { box.result = .success(try body()) } catch { box.result = .failure(error) } }
        let context = Unmanaged.passRetained(job)
        defer { context.release() }
        try syscall("pthread_create") {
            gl_run_on_thread(
                { pointer in
                    guard let pointer else { return }
                    Unmanaged<Job>.fromOpaque(pointer).takeUnretainedValue().body()
                }, context.toOpaque())
        }
        guard let result = box.result else { throw SyscallError(call: "pthread_create", subject: "", errno: EAGAIN) }
        return try result.get()
    }

    /// Runs `body` on a throw-away thread inside the network namespace at `path`.
    public static func inNetwork<Value: Sendable>(
        _ path: String, _ body: @escaping @Sendable () throws(SyscallError) -> Value
    ) throws(SyscallError) -> Value {
        try onThread { () throws(SyscallError) -> Value in
            let fd = try File.open(path)
            try syscall("setns", path) { gl_setns(fd.raw, Int32(GL_CLONE_NEWNET)) }
            return try body()
        }
    }

    /// Makes a network namespace and pins it by a bind mount on the file `path`, which is made.
    public static func pinNetwork(at path: String) throws(SyscallError) {
        let flags = Int32(GL_O_RDONLY) | Int32(GL_O_CREAT) | Int32(GL_O_EXCL)
        do throws(SyscallError) { _ = try File.open(path, flags: flags, mode: 0o600) } catch { if error.errno != EEXIST { throw error } }
        try onThread { () throws(SyscallError) -> Void in
            try syscall("unshare", "network namespace") { gl_unshare(Int32(GL_CLONE_NEWNET)) }
            try syscall("mount", path) { gl_mount("/proc/thread-self/ns/net", path, nil, UInt(GL_MS_BIND), nil) }
        }
    }

    /// Whether a namespace is pinned at `path` (the file is of nsfs).
    public static func isPinned(_ path: String) -> Bool {
        gl_filesystem_type(path) == 0x6e73_6673
    }

    /// Takes the pin away; the namespace goes when nothing uses it. What is not pinned is no error.
    public static func unpin(_ path: String) throws(SyscallError) {
        while true {
            do throws(SyscallError) {
                try syscall("umount", path) { gl_umount2(path, Int32(GL_MNT_DETACH)) }
            } catch {
                guard error.errno == EINVAL || error.errno == ENOENT else { throw error }
                break
            }
        }
        try File.remove(path)
    }
}

/// Where the thread leaves its result; read after the thread was joined.
private final class Box<Value: Sendable>: @unchecked Sendable {
    var result: Result<Value, SyscallError>?
}

private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A thread that lives as long as its body, for loops that sleep in a system call.
public enum NamedThread {
    public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SyscallError) {
        let context = Unmanaged.passRetained(Job(body))
        do throws(SyscallError) {
            try syscall("pthread_create", name) {
                gl_start_thread(
                    name,
                    { pointer in
                        guard let pointer else { return }
                        Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body()
                    }, context.toOpaque())
            }
        } catch {
            context.release()
            throw error
        }
    }
}
