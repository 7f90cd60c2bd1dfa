import CLinux
import EmbeddedLaunch

extension Interpreter {
    /// overlayfs through the mount API: each layer by `lowerdir+` (since Linux 6.5), else all in one string through mount(2).
    /// `volatile` (since 5.10) spares the sync of the upper layer when the mount goes.
    mutating func overlay(_ lower: [[UInt8]], _ upper: [UInt8], _ work: [UInt8], _ target: [UInt8]) throws(Refusal) {
        let fs = withCString(bytes("overlay")) { gl_fsopen($0, UInt32(GL_FSOPEN_CLOEXEC)) }
        try check(fs)
        defer { _ = gl_close(fs) }
        var accepted = set(fs, "source", bytes("overlay"))
        for layer in lower where accepted { accepted = set(fs, "lowerdir+", layer) }
        accepted = accepted && set(fs, "upperdir", upper) && set(fs, "workdir", work) && flag(fs, "volatile")
        if accepted && gl_fsconfig(fs, UInt32(GL_FSCONFIG_CMD_CREATE), nil, nil, 0) == 0 {
            let mount = gl_fsmount(fs, UInt32(GL_FSMOUNT_CLOEXEC), 0)
            try check(mount)
            try check(withCString(target) { gl_move_mount(mount, "", Int32(GL_AT_FDCWD), $0, UInt32(GL_MOVE_MOUNT_F_EMPTY_PATH)) })
            root.fd = mount
        } else {
            try oldOverlay(lower, upper, work, target)
        }
    }

    private mutating func oldOverlay(_ lower: [[UInt8]], _ upper: [UInt8], _ work: [UInt8], _ target: [UInt8]) throws(Refusal) {
        var data = bytes("lowerdir=")
        for (index, layer) in lower.enumerated() {
            if index > 0 { data.append(58) }
            for byte in layer {
                if byte == 58 || byte == 44 || byte == 92 { data.append(92) }
                data.append(byte)
            }
        }
        data += bytes(",upperdir=") + upper + bytes(",workdir=") + work + bytes(",volatile")
        try check(
            withCString(target) { place in
                withCString(data) { options in gl_mount("overlay", place, "overlay", 0, options) }
            })
        try openRoot(target)
    }

    private func set(_ fs: Int32, _ key: StaticString, _ value: [UInt8]) -> Bool {
        withCString(bytes(key)) { key in
            withCString(value) { gl_fsconfig(fs, UInt32(GL_FSCONFIG_SET_STRING), key, $0, 0) } == 0
        }
    }

    private func flag(_ fs: Int32, _ key: StaticString) -> Bool {
        withCString(bytes(key)) { gl_fsconfig(fs, UInt32(GL_FSCONFIG_SET_FLAG), $0, nil, 0) == 0 }
    }

    mutating func openRoot(_ path: [UInt8]) throws(Refusal) {
        let fd = withCString(path) { gl_open($0, Int32(GL_O_PATH | GL_O_DIRECTORY | GL_O_CLOEXEC), 0) }
        try check(fd)
        root.fd = fd
    }

    mutating func bindRoot(_ path: [UInt8]) throws(Refusal) {
        try check(
            withCString(path) { gl_mount($0, $0, nil, UInt(GL_MS_BIND | GL_MS_REC), nil) })
        try openRoot(path)
    }

    /// A new filesystem with options `a,b=c`, on the mountpoint `target`.
    func mount(_ type: [UInt8], _ source: [UInt8], _ target: [UInt8], _ attributes: UInt32, _ options: [UInt8]) throws(Refusal) {
        let fd = try filesystem(type, source, attributes, options)
        defer { _ = gl_close(fd) }
        let place = try root.mountpoint(target, folder: true)
        defer { _ = gl_close(place) }
        try attach(fd, place)
    }

    func filesystem(_ type: [UInt8], _ source: [UInt8], _ attributes: UInt32, _ options: [UInt8]) throws(Refusal) -> Int32 {
        let fs = withCString(type) { gl_fsopen($0, UInt32(GL_FSOPEN_CLOEXEC)) }
        try check(fs)
        defer { _ = gl_close(fs) }
        _ = set(fs, "source", source)
        for option in fields(options, separator: 44) where !option.isEmpty {
            let parts = fields(option, separator: 61, limit: 2)
            let result =
                parts.count == 2
                ? withCString(parts[0]) { key in
                    withCString(parts[1]) { gl_fsconfig(fs, UInt32(GL_FSCONFIG_SET_STRING), key, $0, 0) }
                } : withCString(option) { gl_fsconfig(fs, UInt32(GL_FSCONFIG_SET_FLAG), $0, nil, 0) }
            try check(result)
        }
        try check(gl_fsconfig(fs, UInt32(GL_FSCONFIG_CMD_CREATE), nil, nil, 0))
        let mount = gl_fsmount(fs, UInt32(GL_FSMOUNT_CLOEXEC), attributes)
        try check(mount)
        return mount
    }

    /// The host's file or folder at `source`, cloned as a mount of its own with its own attributes.
    func bind(_ source: [UInt8], _ target: [UInt8], _ attributes: UInt32, _ recursive: Bool, _ folder: Bool) throws(Refusal) {
        let flags = UInt32(GL_OPEN_TREE_CLONE | GL_OPEN_TREE_CLOEXEC | (recursive ? GL_AT_RECURSIVE : 0))
        let tree = withCString(source) { gl_open_tree(Int32(GL_AT_FDCWD), $0, flags) }
        try check(tree)
        defer { _ = gl_close(tree) }
        let place = try root.mountpoint(target, folder: folder)
        defer { _ = gl_close(place) }
        try restrict(tree, attributes, recursive: recursive)
        try attach(tree, place)
    }

    func restrict(_ mount: Int32, _ attributes: UInt32, recursive: Bool) throws(Refusal) {
        if attributes == 0 { return }
        let clear = attributes & UInt32(GL_MOUNT_ATTR__ATIME) != 0 ? UInt64(GL_MOUNT_ATTR__ATIME) : 0
        let flags = UInt32(GL_AT_EMPTY_PATH | (recursive ? GL_AT_RECURSIVE : 0))
        try check(gl_mount_setattr(mount, "", flags, UInt64(attributes), clear, 0))
    }

    func attach(_ mount: Int32, _ place: Int32) throws(Refusal) {
        try check(gl_move_mount(mount, "", place, "", UInt32(GL_MOVE_MOUNT_F_EMPTY_PATH | GL_MOVE_MOUNT_T_EMPTY_PATH)))
    }

    /// A path that the container must not see: nothing happens if it has none.
    func mask(_ path: [UInt8]) throws(Refusal) {
        guard let place = try existing(path) else { return }
        defer { _ = gl_close(place) }
        var status = gl_stat()
        try check(gl_fstatat(place, "", &status, Int32(GL_AT_EMPTY_PATH)))
        let cover: Int32
        if status.mode & 0o170000 == 0o040000 {
            cover = try filesystem(
                bytes("tmpfs"), bytes("tmpfs"), UInt32(GL_MOUNT_ATTR_RDONLY | GL_MOUNT_ATTR_NOSUID | GL_MOUNT_ATTR_NODEV),
                bytes("size=4k,mode=0555"))
        } else {
            let null = try root.open(bytes("/dev/null"), GL_O_PATH)
            defer { _ = gl_close(null) }
            cover = gl_open_tree(null, "", UInt32(GL_OPEN_TREE_CLONE | GL_OPEN_TREE_CLOEXEC | GL_AT_EMPTY_PATH))
            try check(cover)
        }
        defer { _ = gl_close(cover) }
        try attach(cover, place)
    }

    func readonly(_ path: [UInt8]) throws(Refusal) {
        guard let place = try existing(path) else { return }
        defer { _ = gl_close(place) }
        let flags = UInt32(GL_OPEN_TREE_CLONE | GL_OPEN_TREE_CLOEXEC | GL_AT_EMPTY_PATH | GL_AT_RECURSIVE)
        let tree = gl_open_tree(place, "", flags)
        try check(tree)
        defer { _ = gl_close(tree) }
        try restrict(tree, UInt32(GL_MOUNT_ATTR_RDONLY), recursive: true)
        try attach(tree, place)
    }

    private func existing(_ path: [UInt8]) throws(Refusal) -> Int32? {
        do throws(Refusal) {
            return try root.open(path, GL_O_PATH)
        } catch {
            if error.errno == 2 || error.errno == 20 { return nil }
            throw error
        }
    }

    func device(
        _ path: [UInt8], _ type: UInt8, _ major: UInt32, _ minor: UInt32, _ mode: UInt32, _ uid: UInt32, _ gid: UInt32
    ) throws(Refusal) {
        let (parent, name) = root.split(path)
        let dir = try root.mountpointFolder(parent)
        defer { _ = gl_close(dir) }
        let kind: UInt32 = type == 98 ? 0o060000 : (type == 112 ? 0o010000 : 0o020000)
        let result = withCString(name) { gl_mknodat(dir, $0, kind | mode, major, minor) }
        if result < 0 && gl_errno() == 1 { return try bind(path, path, 0, false, false) }
        try check(result, except: 17)
        try check(withCString(name) { gl_fchmodat(dir, $0, mode) })
        try check(withCString(name) { gl_fchownat(dir, $0, uid, gid, Int32(GL_AT_SYMLINK_NOFOLLOW)) })
    }

    func symlink(_ target: [UInt8], _ path: [UInt8]) throws(Refusal) {
        let (parent, name) = root.split(path)
        let dir = try root.mountpointFolder(parent)
        defer { _ = gl_close(dir) }
        try check(withCString(target) { to in withCString(name) { gl_symlinkat(to, dir, $0) } }, except: 17)
    }

    func pivot() throws(Refusal) {
        try check(gl_fchdir(root.fd))
        try check(gl_pivot_root(".", "."))
        try check(gl_umount2(".", Int32(GL_MNT_DETACH)))
        try check(gl_chdir("/"))
    }

    func fields(_ text: [UInt8], separator: UInt8, limit: Int = Int.max) -> [[UInt8]] {
        var out: [[UInt8]] = [[]]
        for byte in text {
            if byte == separator && out.count < limit { out.append([]) } else { out[out.count - 1].append(byte) }
        }
        return out
    }
}
