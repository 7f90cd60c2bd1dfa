import Glibc

/// What this process and its host are.
public enum Host {
    public static var ownPid: Int32 { getpid() }

    /// The kernel's release, `uname -r`.
    public static var kernelRelease: String { (try? File.text("/proc/sys/kernel/osrelease"))?.filter { $0 != "\n" } ?? "unknown" }

    /// The host's name, gethostname(2).
    public static var name: String { (try? File.text("/proc/sys/kernel/hostname"))?.filter { $0 != "\n" } ?? "localhost" }
}
