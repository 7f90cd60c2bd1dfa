import Linux

/// Settings of the kernel's that bridges need.
enum Sysctl {
    /// What is not as `prepare` left it, as sentences.
    static func drift(bridge: String) -> [String] {
        var drift: [String] = []
        func isOff(_ path: String) -> Bool { (try? File.text("/proc/sys/net/ipv4/\(path)"))?.hasPrefix("0") ?? false }
        if isOff("ip_forward") { drift.append("forwarding (net.ipv4.ip_forward) is off") }
        if isOff("conf/\(bridge)/route_localnet") { drift.append("ports on 127.0.0.1 (route_localnet of bridge \(bridge)) are off") }
        return drift
    }

    static func prepare(bridge: String) throws(SyscallError) {
        // A port published on 127.0.0.1 leads from there to the bridge; packets that claim this address from outside are dropped by
        // our rules.
        try File.writeText("/proc/sys/net/ipv4/conf/\(bridge)/route_localnet", "1")
        // Router advertisements of a container must not change the host's routes (CVE-2020-13401).
        try? File.writeText("/proc/sys/net/ipv6/conf/\(bridge)/disable_ipv6", "1")
        if (try? File.text("/proc/sys/net/ipv4/ip_forward"))?.hasPrefix("0") ?? false { try File.writeText("/proc/sys/net/ipv4/ip_forward", "1") }
    }
}
