/// One act on the way from a cloned child to the container's process. The order is the compiler's business, the doing is the
/// shim's: one case, one thing.
///
/// Paths and texts are bytes (no trailing zero), so that the same file compiles as Embedded Swift. Codes on the wire are
/// append-only: a newer daemon talks to older shims.
public enum LaunchStep: Equatable, Sendable {
    public typealias Bytes = [UInt8]

    /// Writes the calling process into a `cgroup.procs` file of the host.
    case joinCgroup(procs: Bytes)
    /// setns(2) into the namespace at a path of the host.
    case joinNamespace(path: Bytes, type: UInt32)
    /// unshare(2).
    case unshare(flags: UInt32)
    /// Makes every mount of the new mount namespace private, so that nothing travels back to the host.
    case privateMounts
    /// The container's root from layers, top first; mounted on the folder `target` in this mount namespace only.
    case overlayRoot(lower: [Bytes], upper: Bytes, work: Bytes, target: Bytes)
    /// The container's root is a folder as it is.
    case bindRoot(path: Bytes)
    /// A new filesystem at a path in the root; the mountpoint is made. `attributes` are MOUNT_ATTR_*.
    case mount(type: Bytes, source: Bytes, target: Bytes, attributes: UInt32, options: Bytes)
    /// A folder or file of the host at a path in the root; `folder` says which kind of mountpoint is made.
    case bind(source: Bytes, target: Bytes, attributes: UInt32, recursive: Bool, folder: Bool)
    /// A device node, or a bind of the host's where mknod is refused.
    case device(path: Bytes, type: UInt8, major: UInt32, minor: UInt32, mode: UInt32, uid: UInt32, gid: UInt32)
    case symlink(target: Bytes, path: Bytes)
    /// A folder that is made when it is not there, with those above it.
    case folder(path: Bytes)
    /// A sysctl by its path below /proc/sys, through the container's own /proc.
    case sysctl(path: Bytes, value: Bytes)
    /// Hides a path: a file under /dev/null, a folder under an empty read-only tmpfs. A path that is not there is no failure.
    case mask(path: Bytes)
    /// Makes a path read-only. A path that is not there is no failure.
    case readonly(path: Bytes)
    case pivotRoot
    case readonlyRoot
    case hostname(Bytes)
    case domainname(Bytes)
    /// Clamped to the hard limit that the host allows.
    case rlimit(resource: UInt32, soft: UInt64, hard: UInt64)
    case oomScoreAdjust(Int32)
    /// A terminal from the container's own devpts becomes stdin, stdout and stderr; the other end goes to the shim.
    case terminal(rows: UInt32, columns: UInt32)
    /// Keeps only the capabilities of the mask in the bounding set.
    case dropBounding(keep: UInt64)
    case groups([UInt32])
    case gid(UInt32)
    case uid(UInt32)
    case capabilities(effective: UInt64, permitted: UInt64, inheritable: UInt64, ambient: UInt64)
    case noNewPrivileges
    /// Instructions of classic BPF, 8 bytes each.
    case seccomp(Bytes)
    case umask(UInt32)
    case chdir(Bytes)
    /// Enters every namespace of the process behind the shim's descriptor of the container, and forks once more so that the pid
    /// namespace takes effect.
    case enter
    /// A first process of our own stays as pid 1, passes signals on and reaps; the next steps run in its child.
    case initProcess
    /// execve(2); a name without a slash is searched in the PATH of `environment`.
    case exec(arguments: [Bytes], environment: [Bytes])
}
