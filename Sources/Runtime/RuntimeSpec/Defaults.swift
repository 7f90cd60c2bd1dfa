/// What a container gets when its stack file says nothing: the least that ordinary images run with.
///
/// Sets: the kernel's capabilities(7) and seccomp(2) man pages; compared with what Docker and Podman give (docs/security.md).
public enum Defaults {
    /// Without NET_RAW (spoofing on the bridge), MKNOD and AUDIT_WRITE, which Docker keeps and hardly an image needs.
    public static let capabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
    ]

    public static let namespaces: [LinuxSpec.NamespaceSpec] = [
        .init(.pid), .init(.mount), .init(.ipc), .init(.uts), .init(.cgroup),
    ]

    /// Files of /proc and /sys that tell about the host or its kernel.
    public static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/iomem", "/proc/ioports", "/proc/kallsyms", "/proc/kcore",
        "/proc/key-users", "/proc/keys", "/proc/kpagecgroup", "/proc/kpagecount", "/proc/kpageflags", "/proc/latency_stats",
        "/proc/pagetypeinfo", "/proc/sched_debug", "/proc/scsi", "/proc/slabinfo", "/proc/timer_list", "/proc/timer_stats",
        "/proc/vmallocinfo", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/kernel/debug", "/sys/kernel/tracing",
    ]

    public static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// - Parameter shmSize: bytes of /dev/shm.
    public static func mounts(shmSize: Int) -> [MountSpec] {
        [
            MountSpec(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            MountSpec(destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "noexec", "strictatime", "mode=755", "size=65536k"]),
            MountSpec(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            MountSpec(
                destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", "size=\(shmSize)"]),
            MountSpec(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            MountSpec(destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]),
            MountSpec(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "relatime", "ro"]),
        ]
    }

    public static let devices: [LinuxSpec.DeviceSpec] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ].map { .init(type: "c", path: "/dev/\($0.0)", major: $0.1, minor: $0.2, fileMode: 0o666, uid: 0, gid: 0) }

    /// Nothing but the standard devices and terminals.
    public static let deviceRules: [ResourcesSpec.DeviceRule] =
        [.init(allow: false, access: "rwm")]
        + [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)].map {
            .init(allow: true, type: "c", major: $0.0, minor: $0.1, access: "rwm")
        } + [.init(allow: true, type: "c", major: 136, minor: nil, access: "rwm")]

    /// Ports below 1024 and ping need no capability inside a network of its own.
    public static let networkSysctls = ["net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647"]

    public static let environmentPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    public static let pidsLimit: Int64 = 4096
    public static let shmSize = 64 << 20
}
