/// capabilities(7): names and bits.
public enum Capabilities {
    /// By number, from 0 (CAP_CHOWN); as of Linux 5.9 the last is 40.
    public static let names = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ]

    private static let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })

    /// The number of a capability; the `CAP_` prefix and the case of letters do not matter.
    public static func number(_ name: String) -> Int? {
        let upper = name.uppercased()
        return numbers[upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"]
    }

    /// The bit set of the known names among `names`.
    public static func mask(_ names: some Sequence<String>) -> UInt64 {
        names.reduce(0) { mask, name in number(name).map { mask | 1 << UInt64($0) } ?? mask }
    }

    /// What this process may hand on: the permitted set from /proc/self/status.
    public static func permitted() -> UInt64 {
        guard let status = try? File.text("/proc/self/status") else { return 0 }
        for line in status.split(separator: "\n") where line.hasPrefix("CapPrm:") {
            return UInt64(line.dropFirst(7).drop { $0 == " " || $0 == "\t" }, radix: 16) ?? 0
        }
        return 0
    }
}
