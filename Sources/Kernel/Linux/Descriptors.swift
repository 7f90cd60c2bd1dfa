import CLinux
import Glibc
import Synchronization

/// pipe2(2), both ends close-on-exec.
public struct Pipe: Sendable {
    public let reading: SharedEnd
    public let writing: SharedEnd

    public init() throws(SyscallError) {
        var fds: [Int32] = [-1, -1]
        try syscall("pipe2") { gl_pipe2(&fds, Int32(GL_O_CLOEXEC)) }
        reading = SharedEnd(fds[0])
        writing = SharedEnd(fds[1])
    }

    /// Closes the writing end here, so that the reader sees the end when the other holders are gone.
    public func closeWriting() { writing.close() }
}

/// A descriptor that is closed once, by hand or with its last holder.
public final class SharedEnd: Sendable {
    private let number: Atomic<Int32>
    public init(_ raw: Int32) { number = Atomic(raw) }
    public var raw: Int32 { number.load(ordering: .relaxed) }
    public func close() {
        let fd = number.exchange(-1, ordering: .relaxed)
        if fd >= 0 { _ = gl_close(fd) }
    }
    deinit { close() }
}

/// memfd_create(2): bytes in a descriptor that nobody can change any more.
public enum Memfd {
    private static let seals =
        GL_F_SEAL_SEAL | GL_F_SEAL_SHRINK | GL_F_SEAL_GROW | GL_F_SEAL_WRITE

    public static func sealed(_ name: String, _ bytes: [UInt8]) throws(SyscallError) -> OwnedFD {
        let flags = GL_MFD_CLOEXEC | GL_MFD_ALLOW_SEALING
        let fd = OwnedFD(try syscall("memfd_create", name) { gl_memfd_create(name, UInt32(flags)) })
        try File.write(fd.raw, bytes, subject: name)
        try syscall("fcntl(F_ADD_SEALS)", name) { gl_fcntl(fd.raw, Int32(GL_F_ADD_SEALS), Int(seals)) }
        try syscall("lseek", name) { lseek(fd.raw, 0, SEEK_SET) }
        return fd
    }
}

/// Messages with descriptors over a unix socket (SCM_RIGHTS, unix(7)).
public enum UnixSocket {
    public static func connect(_ path: String, sequenced: Bool) throws(SyscallError) -> OwnedFD {
        let type = Int32(sequenced ? GL_SOCK_SEQPACKET : GL_SOCK_STREAM)
        return OwnedFD(try syscall("connect", path) { gl_unix_connect(path, type) })
    }

    public static func send(_ socket: Int32, _ bytes: [UInt8], descriptors: [Int32] = []) throws(SyscallError) {
        try syscall("sendmsg") { gl_send_fds(socket, bytes, bytes.count, descriptors, Int32(descriptors.count)) }
    }

    /// One message of at most `capacity` bytes; empty at the end of the stream. The descriptors are the caller's to close.
    public static func receive(
        _ socket: Int32, capacity: Int = 65536
    ) throws(SyscallError) -> (bytes: [UInt8], descriptors: [Int32]) {
        var bytes = [UInt8](repeating: 0, count: capacity)
        var fds: [Int32] = [-1, -1, -1, -1]
        var count: Int32 = 0
        let size = try syscall("recvmsg") { gl_recv_fds(socket, &bytes, capacity, &fds, &count) }
        return (Array(bytes[0..<size]), Array(fds[0..<Int(count)]))
    }
}

/// A lock on a file that goes with its process (flock(2)).
public struct FileLock: Sendable {
    private let fd: SharedFD

    /// - Throws: EWOULDBLOCK when another holds it and `wait` is false.
    public init(_ path: String, wait: Bool) throws(SyscallError) {
        let lock = SharedFD(try File.open(path, flags: Int32(GL_O_RDWR) | Int32(GL_O_CREAT), mode: 0o600).take())
        try syscall("flock", path) { flock(lock.raw, LOCK_EX | (wait ? 0 : LOCK_NB)) }
        fd = lock
    }

    /// Puts text into the locked file: who holds it.
    public func write(_ text: String) throws(SyscallError) {
        try syscall("ftruncate") { ftruncate(fd.raw, 0) }
        let bytes = Array(text.utf8)
        try syscall("pwrite") { pwrite(fd.raw, bytes, bytes.count, 0) }
    }
}

extension Memfd {
    /// An empty anonymous file for a library that writes into descriptors.
    public static func scratch(_ name: String) throws(SyscallError) -> OwnedFD {
        OwnedFD(try syscall("memfd_create", name) { gl_memfd_create(name, UInt32(GL_MFD_CLOEXEC)) })
    }

    /// Everything in it, from the start.
    public static func content(of fd: Int32) throws(SyscallError) -> [UInt8] {
        try syscall("lseek") { lseek(fd, 0, SEEK_SET) }
        return try File.readAll(fd: fd)
    }
}

/// Pseudo-terminals (pty(7)).
public enum Terminal {
    public static func resize(_ fd: Int32, rows: Int, columns: Int) {
        _ = gl_set_winsize(fd, UInt16(clamping: rows), UInt16(clamping: columns))
    }
}
