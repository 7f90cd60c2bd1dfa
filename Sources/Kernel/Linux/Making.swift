import CLinux
import Glibc

/// Making files beneath a folder's descriptor; `name` is one component, and never followed when it is a symbolic link.
extension File {
    public static func makeDirectory(at dir: Int32, _ name: String, mode: UInt32) throws(SyscallError) {
        try syscall("mkdirat", name) { gl_mkdirat(dir, name, mode) }
    }

    /// A node of mknod(2): `mode` holds the type (S_IFCHR, S_IFBLK, S_IFIFO).
    public static func makeNode(at dir: Int32, _ name: String, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0) throws(SyscallError) {
        try syscall("mknodat", name) { gl_mknodat(dir, name, mode, major, minor) }
    }

    public static func makeSymbolicLink(at dir: Int32, _ name: String, to target: String) throws(SyscallError) {
        try syscall("symlinkat", name) { gl_symlinkat(target, dir, name) }
    }

    public static func makeHardLink(from sourceDir: Int32, _ source: String, to dir: Int32, _ name: String) throws(SyscallError) {
        try syscall("linkat", name) { linkat(sourceDir, source, dir, name, 0) }
    }

    /// A new file; EEXIST when the name is taken.
    public static func makeFile(at dir: Int32, _ name: String, mode: UInt32) throws(SyscallError) -> OwnedFD {
        let flags = Int32(GL_O_CREAT | GL_O_EXCL | GL_O_WRONLY | GL_O_NOFOLLOW) | cloexec
        return OwnedFD(try syscall("openat", name) { gl_openat(dir, name, flags, mode) })
    }

    /// Opens one component that is no symbolic link.
    public static func openChild(_ dir: Int32, _ name: String, flags: Int32) throws(SyscallError) -> OwnedFD {
        OwnedFD(try syscall("openat", name) { gl_openat(dir, name, flags | Int32(GL_O_NOFOLLOW) | cloexec, 0) })
    }

    public static func removeFile(at dir: Int32, _ name: String) throws(SyscallError) {
        try syscall("unlinkat", name) { gl_unlinkat(dir, name, 0) }
    }

    /// Removes whatever has the name, a folder with all that is in it; nothing there is no error.
    public static func removeTree(at dir: Int32, _ name: String) throws(SyscallError) {
        do throws(SyscallError) {
            try removeTree(beneath: dir, name)
        } catch {
            if error.errno != ENOENT { throw error }
        }
    }

    public static func setOwner(at dir: Int32, _ name: String, uid: UInt32, gid: UInt32) throws(SyscallError) {
        let flags = Int32(GL_AT_SYMLINK_NOFOLLOW) | (name.isEmpty ? Int32(GL_AT_EMPTY_PATH) : 0)
        try syscall("fchownat", name) { gl_fchownat(dir, name, uid, gid, flags) }
    }

    /// Not for symbolic links, which have no mode of their own.
    public static func setMode(at dir: Int32, _ name: String, _ mode: UInt32) throws(SyscallError) {
        try syscall("fchmodat", name) { gl_fchmodat(dir, name, mode) }
    }

    public static func setMode(fd: Int32, _ mode: UInt32) throws(SyscallError) {
        try syscall("fchmod") { fchmod(fd, mode) }
    }

    /// The time of the last change of content, which stands for the last access too.
    public static func setTime(at dir: Int32, _ name: String, seconds: Int64, nanoseconds: Int64) throws(SyscallError) {
        let moment = timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))
        let times = [moment, moment]
        try syscall("utimensat", name) { utimensat(dir, name, times, Int32(GL_AT_SYMLINK_NOFOLLOW)) }
    }

    public static func setTime(fd: Int32, seconds: Int64, nanoseconds: Int64) throws(SyscallError) {
        let moment = timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))
        let times = [moment, moment]
        try syscall("futimens") { futimens(fd, times) }
    }

    /// Writes at a place; the file grows, with a hole before it where nothing was written.
    public static func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SyscallError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try syscall("pwrite") { pwrite(fd, rest.baseAddress, rest.count, Int(offset) + done) }
        }
    }

    public static func setSize(fd: Int32, _ size: Int64) throws(SyscallError) {
        try syscall("ftruncate") { ftruncate(fd, Int(size)) }
    }

    // MARK: extended attributes, xattr(7)

    public static func setAttribute(fd: Int32, _ name: String, _ value: [UInt8]) throws(SyscallError) {
        try syscall("fsetxattr", name) { gl_fsetxattr(fd, name, value, value.count) }
    }

    /// Nil when the file has none of that name.
    public static func attribute(fd: Int32, _ name: String) throws(SyscallError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        do throws(SyscallError) {
            let count = try syscall("fgetxattr", name) { gl_fgetxattr(fd, name, &buffer, buffer.count) }
            return Array(buffer[0..<count])
        } catch {
            if error.errno == ENODATA || error.errno == EOPNOTSUPP { return nil }
            throw error
        }
    }

    public static func attributeNames(fd: Int32) throws(SyscallError) -> [String] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        do throws(SyscallError) {
            let count = try syscall("flistxattr") {
                buffer.withUnsafeMutableBytes { gl_flistxattr(fd, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
            }
            return buffer[0..<count].split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            if error.errno == EOPNOTSUPP { return [] }
            throw error
        }
    }
}

extension File {
    /// The target of a symbolic link in an open folder.
    public static func readLink(at dir: Int32, _ name: String) throws(SyscallError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = try syscall("readlinkat", name) { readlinkat(dir, name, &buffer, buffer.count) }
        return String(decoding: buffer[0..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
