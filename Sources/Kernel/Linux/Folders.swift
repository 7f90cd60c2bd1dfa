import CLinux
import Glibc

extension File {
    /// What fstatat(2) says of a file.
    public struct Status: Sendable, Hashable {
        public var device: UInt64
        public var inode: UInt64
        public var mode: UInt32
        public var links: UInt32
        public var uid: UInt32
        public var gid: UInt32
        public var rdev: UInt64
        public var size: Int64
        public var modifiedNanoseconds: Int64

        public var isFolder: Bool { mode & 0o170000 == 0o040000 }
        public var isRegular: Bool { mode & 0o170000 == 0o100000 }
        public var isLink: Bool { mode & 0o170000 == 0o120000 }
        public var isSocket: Bool { mode & 0o170000 == 0o140000 }
        public var isCharacterDevice: Bool { mode & 0o170000 == 0o020000 }
    }

    public static func status(
        _ path: String, at dir: Int32 = Int32(GL_AT_FDCWD), followLinks: Bool = true
    ) throws(SyscallError) -> Status {
        var s = gl_stat()
        let flags = (followLinks ? 0 : Int32(GL_AT_SYMLINK_NOFOLLOW)) | (path.isEmpty ? Int32(GL_AT_EMPTY_PATH) : 0)
        try syscall("fstatat", path) { gl_fstatat(dir, path, &s, flags) }
        return Status(
            device: s.dev, inode: s.ino, mode: s.mode, links: s.nlink, uid: s.uid, gid: s.gid, rdev: s.rdev, size: s.size,
            modifiedNanoseconds: s.mtime_s &* 1_000_000_000 &+ s.mtime_ns)
    }

    public static func status(fd: Int32) throws(SyscallError) -> Status { try status("", at: fd) }

    public static func exists(_ path: String) -> Bool { (try? status(path, followLinks: false)) != nil }

    public static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SyscallError) {
        try syscall("mkdir", path) { mkdir(path, mode) }
    }

    /// Makes the folder and those above it; one that is there already is no error.
    public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SyscallError) {
        do throws(SyscallError) {
            try makeDirectory(path, mode: mode)
        } catch {
            switch error.errno {
            case EEXIST: return
            case ENOENT where path != "/" && !path.isEmpty:
                try makeDirectories(parent(of: path), mode: mode)
                do throws(SyscallError) { try makeDirectory(path, mode: mode) } catch { if error.errno != EEXIST { throw error } }
            default: throw error
            }
        }
    }

    /// unlink(2); a file that is not there is no error.
    public static func remove(_ path: String) throws(SyscallError) {
        do throws(SyscallError) { try syscall("unlink", path) { unlink(path) } } catch { if error.errno != ENOENT { throw error } }
    }

    /// rmdir(2); a folder that is not there is no error.
    public static func removeDirectory(_ path: String) throws(SyscallError) {
        do throws(SyscallError) { try syscall("rmdir", path) { rmdir(path) } } catch { if error.errno != ENOENT { throw error } }
    }

    /// The names in a folder without `.` and `..`, sorted.
    public static func list(_ path: String) throws(SyscallError) -> [String] {
        let fd = try open(path, flags: folder)
        return try list(fd: fd.raw, subject: path).map(\.name).sorted()
    }

    public struct Entry: Sendable, Hashable {
        public var name: String
        public var isFolder: Bool
    }

    /// What is in an open folder, without `.` and `..`, in no order.
    public static func list(fd: Int32, subject: String = "") throws(SyscallError) -> [Entry] {
        var entries: [Entry] = []
        let capacity = 32768
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = try syscall("getdents64", subject) { gl_getdents64(fd, buffer, capacity) }
            if count == 0 { return entries }
            var offset = 0
            while offset + 19 <= count {
                // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name.
                let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
                let type = buffer.load(fromByteOffset: offset + 18, as: UInt8.self)
                let name = String(cString: (buffer + offset + 19).assumingMemoryBound(to: CChar.self))
                if name != "." && name != ".." { entries.append(Entry(name: name, isFolder: type == 4)) }
                if length <= 0 { break }
                offset += length
            }
        }
    }

    /// Removes a tree by descriptors, so that no symbolic link in it leads elsewhere. What is not there is no error.
    public static func removeTree(_ path: String) throws(SyscallError) {
        do throws(SyscallError) {
            try removeTree(beneath: Int32(GL_AT_FDCWD), path)
        } catch {
            if error.errno != ENOENT { throw error }
        }
    }

    static func removeTree(beneath dir: Int32, _ name: String) throws(SyscallError) {
        let flags = Int32(GL_O_NOFOLLOW) | folder
        let raw: Int32
        do throws(SyscallError) {
            raw = try syscall("open", name) { gl_openat(dir, name, flags, 0) }
        } catch {
            guard error.errno == ENOTDIR || error.errno == ELOOP else { throw error }
            try syscall("unlink", name) { gl_unlinkat(dir, name, 0) }
            return
        }
        let fd = OwnedFD(raw)
        for entry in try list(fd: fd.raw, subject: name) {
            if entry.isFolder {
                try removeTree(beneath: fd.raw, entry.name)
            } else {
                try syscall("unlink", entry.name) { gl_unlinkat(fd.raw, entry.name, 0) }
            }
        }
        try syscall("rmdir", name) { gl_unlinkat(dir, name, Int32(GL_AT_REMOVEDIR)) }
    }

    /// The target of a symbolic link.
    public static func readLink(_ path: String) throws(SyscallError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = try syscall("readlink", path) { readlink(path, &buffer, buffer.count) }
        return String(decoding: buffer[0..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
