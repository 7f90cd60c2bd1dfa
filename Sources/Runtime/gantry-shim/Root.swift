import CLinux
import EmbeddedLaunch

/// Paths inside the container's root, always resolved by the kernel as if that root were `/` (openat2(2) RESOLVE_IN_ROOT): no
/// symbolic link of an image leads to the host.
struct Root {
    var fd: Int32

    private static let resolve = UInt64(GL_RESOLVE_IN_ROOT | GL_RESOLVE_NO_MAGICLINKS)

    func open(_ path: [UInt8], _ flags: Int, _ mode: UInt64 = 0) throws(Refusal) -> Int32 {
        for _ in 0..<64 {
            let result = withCString(path.isEmpty ? bytes(".") : path) {
                gl_openat2(fd, $0, UInt64(flags | GL_O_CLOEXEC), mode, Self.resolve)
            }
            if result >= 0 { return result }
            let number = gl_errno()
            if number != 11 && number != 4 { throw Refusal(errno: number) }
        }
        throw Refusal(errno: 11)
    }

    /// The place to mount on, made with the folders above it when it is not there.
    func mountpoint(_ path: [UInt8], folder: Bool) throws(Refusal) -> Int32 {
        do throws(Refusal) {
            return try open(path, GL_O_PATH)
        } catch {
            if error.errno != 2 { throw error }
        }
        let (parent, name) = split(path)
        let dir = try mountpointFolder(parent)
        defer { _ = gl_close(dir) }
        if folder {
            try check(withCString(name) { gl_mkdirat(dir, $0, 0o755) }, except: 17)
        } else {
            let flags = Int32(GL_O_WRONLY | GL_O_CREAT | GL_O_CLOEXEC | GL_O_NOFOLLOW)
            let file = withCString(name) { gl_openat(dir, $0, flags, 0o644) }
            try check(file)
            _ = gl_close(file)
        }
        return try open(path, GL_O_PATH)
    }

    /// A descriptor for making entries in the folder at `path`.
    func mountpointFolder(_ path: [UInt8]) throws(Refusal) -> Int32 {
        do throws(Refusal) {
            return try open(path, GL_O_DIRECTORY)
        } catch {
            if error.errno != 2 { throw error }
        }
        let (parent, name) = split(path)
        let dir = try mountpointFolder(parent)
        defer { _ = gl_close(dir) }
        try check(withCString(name) { gl_mkdirat(dir, $0, 0o755) }, except: 17)
        return try open(path, GL_O_DIRECTORY)
    }

    func split(_ path: [UInt8]) -> (parent: [UInt8], name: [UInt8]) {
        var end = path.count
        while end > 0 && path[end - 1] == 47 { end -= 1 }
        var start = end
        while start > 0 && path[start - 1] != 47 { start -= 1 }
        return (start == 0 ? [] : Array(path[0..<start]), Array(path[start..<end]))
    }
}

/// Why a step could not be done.
struct Refusal: Error {
    var errno: Int32
}

/// Turns -1 into the errno of the call before; `except` is the one that does not matter.
@inline(__always)
func check<Number: FixedWidthInteger>(_ result: Number, except allowed: Int32 = 0) throws(Refusal) {
    let number = gl_errno()
    if result == -1 && number != allowed { throw Refusal(errno: number) }
}
