import CLinux
import Linux
import Synchronization

/// Tells when a shim has ended, by its pidfd: one thread that sleeps in epoll, for the shims that this process started and for
/// those it found.
final class ShimWatch: Sendable {
    let ids: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let epoll: SharedFD
    private let followed = Mutex<[Int32: String]>([:])

    init() throws(SyscallError) {
        epoll = SharedFD(try syscall("epoll_create1") { gl_epoll_create() })
        (ids, continuation) = AsyncStream.makeStream(of: String.self)
        let (epoll, followed, continuation) = (epoll, FollowedReference(self), continuation)
        try NamedThread.start("gantry-shims") {
            while let ended = Self.wait(epoll.raw) {
                for fd in ended {
                    if let id = followed.take(fd) { continuation.yield(id) }
                }
            }
        }
    }

    /// Watches a shim; one that is gone already is told at once.
    func add(_ id: String, shim: Int32) {
        let pidfd = gl_pidfd_open(shim, 0)
        if pidfd < 0 {
            continuation.yield(id)
            return
        }
        followed.withLock { $0[pidfd] = id }
        _ = gl_epoll_ctl(epoll.raw, Int32(GL_EPOLL_CTL_ADD), pidfd, UInt32(GL_EPOLLIN), UInt64(pidfd))
    }

    fileprivate func take(_ fd: Int32) -> String? {
        let id = followed.withLock { $0.removeValue(forKey: fd) }
        if id != nil {
            _ = gl_epoll_ctl(epoll.raw, Int32(GL_EPOLL_CTL_DEL), fd, 0, 0)
            // Ours if it never handed over; otherwise ECHILD, and the init process of the host reaps it.
            var info = gl_wait()
            _ = gl_waitid(Int32(GL_P_PIDFD), fd, &info, Int32(GL_WNOHANG))
            _ = gl_close(fd)
        }
        return id
    }

    private static func wait(_ epoll: Int32) -> [Int32]? {
        var events = [gl_event](repeating: gl_event(), count: 32)
        let count = gl_epoll_wait(epoll, &events, 32, -1)
        if count < 0 { return gl_errno() == 4 ? [] : nil }
        return events[0..<Int(count)].map { Int32(truncatingIfNeeded: $0.tag) }
    }
}

/// Keeps the watch alive for its thread.
private final class FollowedReference: Sendable {
    private let watch: ShimWatch
    init(_ watch: ShimWatch) { self.watch = watch }
    func take(_ fd: Int32) -> String? { watch.take(fd) }
}
