import Glibc
import Linux

/// Copies a folder of an image into a new volume: content, owners, modes, times, links and attributes.
struct Seed {
    /// Copies what is in `source`, and the folder's own owner and mode, to the folder `target`.
    static func copy(_ source: MergedFolder, to target: Int32) throws(ImageError) {
        for name in try source.names() {
            switch source.child(name) {
            case .folder(let folder)?:
                let fd = try doing("make \(name)") { () throws(SyscallError) in
                    do throws(SyscallError) { try File.makeDirectory(at: target, name, mode: 0o700) } catch { if error.errno != EEXIST { throw error } }
                    return try File.openChild(target, name, flags: File.folder)
                }
                try copy(folder, to: fd.raw)
            case .file(let dir, let file, let status)?: try copy(dir, file, status, to: target)
            case nil: continue
            }
        }
        guard let top = source.parts.first else { return }
        try doing("set up the folder") { () throws(SyscallError) in
            let status = try File.status(fd: top.raw)
            try attributes(from: top.raw, to: target)
            try File.setOwner(at: target, "", uid: status.uid, gid: status.gid)
            try File.setMode(fd: target, status.mode & 0o7777)
            try time(status) { seconds, rest throws(SyscallError) in try File.setTime(fd: target, seconds: seconds, nanoseconds: rest) }
        }
    }

    private static func copy(_ dir: SharedFD, _ name: String, _ status: File.Status, to target: Int32) throws(ImageError) {
        try doing("copy \(name)") { () throws(SyscallError) in
            try File.removeTree(at: target, name)
            switch status.mode & S_IFMT {
            case S_IFREG:
                try content(dir, name, status, to: target)
                return
            case S_IFLNK: try File.makeSymbolicLink(at: target, name, to: try File.readLink(at: dir.raw, name))
            case S_IFIFO: try File.makeNode(at: target, name, mode: status.mode)
            // Devices and sockets mean nothing in a volume.
            default: return
            }
            try File.setOwner(at: target, name, uid: status.uid, gid: status.gid)
            try time(status) { seconds, rest throws(SyscallError) in
                try File.setTime(at: target, name, seconds: seconds, nanoseconds: rest)
            }
        }
    }

    private static func content(_ dir: SharedFD, _ name: String, _ status: File.Status, to target: Int32) throws(SyscallError) {
        let from = try File.openChild(dir.raw, name, flags: File.readOnly)
        let to = try File.makeFile(at: target, name, mode: 0o600)
        var offset: Int64 = 0
        while true {
            let bytes = try File.read(from.raw, at: offset, count: 1 << 18, subject: name)
            if bytes.isEmpty { break }
            try File.write(to.raw, bytes, subject: name)
            offset += Int64(bytes.count)
        }
        try File.setOwner(at: to.raw, "", uid: status.uid, gid: status.gid)
        try File.setMode(fd: to.raw, status.mode & 0o7777)
        try attributes(from: from.raw, to: to.raw)
        try time(status) { seconds, rest throws(SyscallError) in try File.setTime(fd: to.raw, seconds: seconds, nanoseconds: rest) }
    }

    private static func attributes(from: Int32, to: Int32) throws(SyscallError) {
        for name in try File.attributeNames(fd: from) where name == "security.capability" || name.hasPrefix("user.") {
            if let value = try File.attribute(fd: from, name) { try? File.setAttribute(fd: to, name, value) }
        }
    }

    private static func time(_ status: File.Status, _ set: (Int64, Int64) throws(SyscallError) -> Void) throws(SyscallError) {
        let (seconds, rest) = status.modifiedNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        try set(rest < 0 ? seconds - 1 : seconds, rest < 0 ? rest + 1_000_000_000 : rest)
    }
}
