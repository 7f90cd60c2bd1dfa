import Glibc
import Linux

/// Makes one file of a layer in an open folder.
struct EntryMaker {
    let root: Int32
    let dir: SharedFD
    let name: String
    let full: String

    /// Takes away what an earlier entry of the layer put there.
    func clear() throws(ImageError) {
        try doing("replace \"\(full)\"") { () throws(SyscallError) in try File.removeTree(at: dir.raw, name) }
    }

    func folder(_ entry: ArchiveEntry) throws(ImageError) {
        try doing("make folder \"\(full)\"") { () throws(SyscallError) in
            var hidesLower = false
            if let there = try? File.status(name, at: dir.raw, followLinks: false), !there.isFolder {
                // A whiteout that came first goes on to hide what lower layers have.
                hidesLower = there.isCharacterDevice && there.rdev == 0
                try File.removeFile(at: dir.raw, name)
            }
            do throws(SyscallError) { try File.makeDirectory(at: dir.raw, name, mode: 0o700) } catch { if error.errno != EEXIST { throw error } }
            let fd = try File.openChild(dir.raw, name, flags: File.folder)
            try File.setOwner(at: fd.raw, "", uid: try id(entry.uid), gid: try id(entry.gid))
            try File.setMode(fd: fd.raw, entry.mode)
            if hidesLower { try File.setAttribute(fd: fd.raw, Overlay.opaque, [UInt8(ascii: "y")]) }
            try setAttributes(fd.raw, entry)
        }
    }

    func file(_ entry: ArchiveEntry, _ archive: Archive) throws(ImageError) {
        let fd = try doing("make \"\(full)\"") { () throws(SyscallError) in try File.makeFile(at: dir.raw, name, mode: 0o600) }
        var end: Int64 = 0
        let full = full
        try archive.content { bytes, offset throws(ImageError) in
            try doing("write \"\(full)\"") { () throws(SyscallError) in try File.write(fd.raw, bytes, at: offset) }
            end = max(end, offset + Int64(bytes.count))
        }
        try doing("finish \"\(full)\"") { () throws(SyscallError) in
            // A sparse file may end with a hole.
            if entry.size > end { try File.setSize(fd: fd.raw, entry.size) }
            try File.setOwner(at: fd.raw, "", uid: try id(entry.uid), gid: try id(entry.gid))
            // After the owner: chown(2) clears setuid bits and capabilities.
            try File.setMode(fd: fd.raw, entry.mode)
            try setAttributes(fd.raw, entry)
            try File.setTime(fd: fd.raw, seconds: entry.seconds, nanoseconds: entry.nanoseconds)
        }
    }

    func symbolicLink(_ entry: ArchiveEntry) throws(ImageError) {
        guard let target = entry.symbolicLink, !target.isEmpty else { throw ImageError(.invalid, "the layer has a link without a target: \"\(full)\"") }
        try doing("make link \"\(full)\"") { () throws(SyscallError) in
            try File.makeSymbolicLink(at: dir.raw, name, to: target)
            try File.setOwner(at: dir.raw, name, uid: try id(entry.uid), gid: try id(entry.gid))
            try File.setTime(at: dir.raw, name, seconds: entry.seconds, nanoseconds: entry.nanoseconds)
        }
    }

    /// The target must be in this layer, and not be a folder.
    func hardLink(to target: LayerPath) throws(ImageError) {
        let parent = target.parents.isEmpty ? "." : target.parent
        try doing("link \"\(full)\" to \"\(target.parent)/\(target.name)\"") { () throws(SyscallError) in
            let fd = try File.openInRoot(root, parent, flags: File.folder)
            try File.makeHardLink(from: fd.raw, target.name, to: dir.raw, name)
        }
    }

    func node(_ entry: ArchiveEntry) throws(ImageError) {
        var mode = S_IFIFO
        if entry.kind == .characterDevice { mode = S_IFCHR }
        if entry.kind == .blockDevice { mode = S_IFBLK }
        if mode == S_IFCHR, entry.major == 0, entry.minor == 0 {
            throw ImageError(.hostile, "the layer has a character device 0:0, which would hide files of other layers: \"\(full)\"")
        }
        try doing("make device \"\(full)\"") { () throws(SyscallError) in
            try File.makeNode(at: dir.raw, name, mode: mode | 0o600, major: entry.major, minor: entry.minor)
            try File.setOwner(at: dir.raw, name, uid: try id(entry.uid), gid: try id(entry.gid))
            try File.setMode(at: dir.raw, name, entry.mode)
            try File.setTime(at: dir.raw, name, seconds: entry.seconds, nanoseconds: entry.nanoseconds)
        }
    }

    private func id(_ number: Int64) throws(SyscallError) -> UInt32 {
        guard number >= 0, number < Int64(UInt32.max) else { throw SyscallError(call: "chown", subject: full, errno: EOVERFLOW) }
        return UInt32(number)
    }

    /// File capabilities and users' own attributes. Those that steer overlayfs or a security module are the host's, not a layer's.
    private func setAttributes(_ fd: Int32, _ entry: ArchiveEntry) throws(SyscallError) {
        for attribute in entry.attributes where attribute.name == "security.capability" || attribute.name.hasPrefix("user.") {
            if attribute.name.hasPrefix("user.overlay.") { continue }
            do throws(SyscallError) {
                try File.setAttribute(fd: fd, attribute.name, attribute.value)
            } catch {
                // Not every filesystem has them, and only regular files and folders do.
                if error.errno != EOPNOTSUPP && error.errno != EPERM { throw error }
            }
        }
    }
}
