import CLinux
import Glibc

/// Files by path or beneath a folder's descriptor.
///
/// Whatever comes from an image or a container is opened with `openBeneath` or `openInRoot`, so that no symbolic link in it can
/// lead outside (openat2(2), since Linux 5.6).
public enum File {
    public static let readOnly = Int32(GL_O_RDONLY) | cloexec
    public static let path = Int32(GL_O_PATH) | cloexec
    public static let folder = Int32(GL_O_DIRECTORY) | cloexec
    /// A file that is made anew for writing; EEXIST when it is there.
    public static let newFile = Int32(GL_O_CREAT | GL_O_EXCL | GL_O_WRONLY) | cloexec
    static let cloexec = Int32(GL_O_CLOEXEC)

    /// open(2); close-on-exec is always set.
    public static func open(_ path: String, flags: Int32 = 0, mode: UInt32 = 0) throws(SyscallError) -> OwnedFD {
        OwnedFD(try syscall("open", path) { gl_open(path, flags | cloexec, mode) })
    }

    /// Opens `path` below `dir`; absolute paths, `..` that climbs out and symbolic links that lead out fail with EXDEV.
    public static func openBeneath(
        _ dir: Int32, _ path: String, flags: Int32 = 0, mode: UInt32 = 0, followLinks: Bool = true
    ) throws(SyscallError) -> OwnedFD {
        var resolve = UInt64(GL_RESOLVE_BENEATH) | UInt64(GL_RESOLVE_NO_MAGICLINKS)
        if !followLinks { resolve |= UInt64(GL_RESOLVE_NO_SYMLINKS) }
        return try open2(dir, path, flags, mode, resolve)
    }

    /// Opens `path` as a process whose root is `dir` would; links that point to `/` stay inside.
    public static func openInRoot(
        _ dir: Int32, _ path: String, flags: Int32 = 0, mode: UInt32 = 0
    ) throws(SyscallError) -> OwnedFD {
        try open2(dir, path, flags, mode, UInt64(GL_RESOLVE_IN_ROOT) | UInt64(GL_RESOLVE_NO_MAGICLINKS))
    }

    private static func open2(
        _ dir: Int32, _ path: String, _ flags: Int32, _ mode: UInt32, _ resolve: UInt64
    ) throws(SyscallError) -> OwnedFD {
        let bits = UInt64(UInt32(bitPattern: flags | cloexec))
        // EAGAIN: a rename elsewhere raced with the resolution of `..` (openat2(2)); asking again is the documented way.
        for _ in 0..<64 {
            let fd = gl_openat2(dir, path, bits, UInt64(mode), resolve)
            let number = gl_errno()
            if fd >= 0 { return OwnedFD(fd) }
            if number != EAGAIN && number != EINTR { throw SyscallError(call: "openat2", subject: path, errno: number) }
        }
        throw SyscallError(call: "openat2", subject: path, errno: EAGAIN)
    }

    /// All bytes from here to the end of the file, at most `limit`.
    /// - Throws: EFBIG when there are more.
    public static func readAll(fd: Int32, limit: Int = 1 << 30, subject: String = "") throws(SyscallError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = try syscall("read", subject) { Glibc.read(fd, &buffer, buffer.count) }
            if count == 0 { return bytes }
            if bytes.count + count > limit { throw SyscallError(call: "read", subject: subject, errno: EFBIG) }
            bytes.append(contentsOf: buffer[0..<count])
        }
    }

    public static func readAll(_ path: String, limit: Int = 1 << 30) throws(SyscallError) -> [UInt8] {
        let fd = try open(path, flags: readOnly)
        return try readAll(fd: fd.raw, limit: limit, subject: path)
    }

    /// The text of a small file, decoded as UTF-8 with bad bytes replaced.
    public static func text(_ path: String, limit: Int = 1 << 26) throws(SyscallError) -> String {
        String(decoding: try readAll(path, limit: limit), as: UTF8.self)
    }

    /// Writes every byte.
    public static func write(_ fd: Int32, _ bytes: [UInt8], subject: String = "") throws(SyscallError) {
        var done = 0
        while done < bytes.count {
            done += try syscall("write", subject) {
                bytes.withUnsafeBytes { Glibc.write(fd, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            }
        }
    }

    /// One write(2) of text to an existing file, as control files of the kernel want it.
    public static func writeText(_ path: String, _ text: String) throws(SyscallError) {
        let fd = try open(path, flags: Int32(GL_O_WRONLY))
        let bytes = Array(text.utf8)
        try syscall("write", path) { Glibc.write(fd.raw, bytes, bytes.count) }
    }

    /// Replaces a file as a whole: a reader sees the old bytes or the new ones, whatever happens in between.
    /// - Parameter durable: with fsync of the file and of its folder, so that it survives a power cut.
    public static func writeAtomically(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600, durable: Bool = false
    ) throws(SyscallError) {
        let temporary = "\(path).tmp.\(gl_getpid()).\(UInt64.random(in: 0...UInt64.max))"
        do throws(SyscallError) {
            let flags = Int32(GL_O_WRONLY) | Int32(GL_O_CREAT) | Int32(GL_O_EXCL)
            let fd = try open(temporary, flags: flags, mode: mode)
            try write(fd.raw, bytes, subject: path)
            if durable { try syscall("fsync", path) { fsync(fd.raw) } }
            try rename(temporary, to: path)
        } catch {
            _ = unlink(temporary)
            throw error
        }
        if durable { try sync(folder: parent(of: path)) }
    }

    public static func sync(folder path: String) throws(SyscallError) {
        let fd = try open(path, flags: folder)
        try syscall("fsync", path) { fsync(fd.raw) }
    }

    public static func rename(_ from: String, to path: String) throws(SyscallError) {
        try syscall("rename", path) { Glibc.rename(from, path) }
    }

    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
