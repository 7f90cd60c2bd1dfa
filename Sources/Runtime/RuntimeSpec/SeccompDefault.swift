extension Defaults {
    private static let eperm: UInt32 = 1
    private static let einval: UInt32 = 22
    private static let enosys: UInt32 = 38
    private static let eafnosupport: UInt32 = 97
    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private static let cloneNamespaces: UInt64 = 0x7E02_0000

    /// The seccomp profile for a process that holds these capabilities in its bounding set.
    public static func seccomp(capabilities: [String]) -> SeccompSpec {
        let held = Set(capabilities)
        var rules = [
            SeccompSpec.Rule(names: SyscallNames.always, action: "SCMP_ACT_ALLOW"),
            SeccompSpec.Rule(names: SyscallNames.refused, action: "SCMP_ACT_ERRNO", errnoRet: eperm),
        ]
        for (capability, names) in SyscallNames.byCapability {
            rules.append(
                held.contains(capability)
                    ? .init(names: names, action: "SCMP_ACT_ALLOW") : .init(names: names, action: "SCMP_ACT_ERRNO", errnoRet: eperm))
        }
        rules += personalities + cloning(admin: held.contains("CAP_SYS_ADMIN")) + sockets(audit: held.contains("CAP_AUDIT_WRITE"))
        rules += controls
        return SeccompSpec(
            defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: enosys, architectures: architectures, syscalls: rules)
    }

    #if arch(arm64)
        private static let architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
    #else
        private static let architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    #endif

    /// Every ioctl but TIOCSTI (0x5412) and TIOCLINUX (0x541C), which type into a terminal for its owner (CVE-2016-7545 and its
    /// family). A filter compares 64 bits where the kernel looks at 32, so "not equal" would be fooled by garbage above: allowed is
    /// instead what differs in a bit that both share, or in the three bits where they differ from each other.
    private static var controls: [SeccompSpec.Rule] {
        let (push, linux, apart): (UInt64, UInt64, UInt64) = (0x5412, 0x541C, 0xE)
        func rule(_ mask: UInt64, _ value: UInt64, _ action: String = "SCMP_ACT_ALLOW") -> SeccompSpec.Rule {
            .init(
                names: ["ioctl"], action: action, errnoRet: action == "SCMP_ACT_ALLOW" ? nil : eperm,
                args: [.init(index: 1, value: mask, valueTwo: value, op: "SCMP_CMP_MASKED_EQ")])
        }
        let shared = (0..<32).map { UInt64(1) << UInt64($0) }.filter { $0 & apart == 0 }
        let inBetween = stride(from: UInt64(0), through: apart, by: 2).filter { $0 != push & apart && $0 != linux & apart }
        return shared.map { rule($0, ~push & $0) } + inBetween.map { rule(apart, $0) }
            + [push, linux].map { rule(0xffff_ffff, $0, "SCMP_ACT_ERRNO") }
    }

    /// Ordinary, 32-bit and no-randomisation personalities, and asking for the current one.
    private static var personalities: [SeccompSpec.Rule] {
        [0, 8, 0x20000, 0x20008, 0xffff_ffff].map {
            .init(names: ["personality"], action: "SCMP_ACT_ALLOW", args: [.init(index: 0, value: $0, op: "SCMP_CMP_EQ")])
        }
    }

    /// New namespaces are refused. clone3 hides its flags behind a pointer, so it does not exist for the container: libraries
    /// then use clone.
    private static func cloning(admin: Bool) -> [SeccompSpec.Rule] {
        if admin { return [.init(names: ["clone", "clone3"], action: "SCMP_ACT_ALLOW")] }
        return [
            .init(
                names: ["clone"], action: "SCMP_ACT_ALLOW",
                args: [.init(index: 0, value: cloneNamespaces, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")]),
            .init(names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: enosys),
        ]
    }

    /// unix, inet, inet6, netlink and packet sockets; no ALG and no VSOCK. The audit netlink answers EINVAL, which libaudit takes
    /// for a kernel without audit.
    private static func sockets(audit: Bool) -> [SeccompSpec.Rule] {
        var rules: [SeccompSpec.Rule] = [1, 2, 10, 17].map {
            .init(names: ["socket"], action: "SCMP_ACT_ALLOW", args: [.init(index: 0, value: $0, op: "SCMP_CMP_EQ")])
        }
        let netlink = SeccompSpec.Argument(index: 0, value: 16, op: "SCMP_CMP_EQ")
        if audit {
            rules.append(.init(names: ["socket"], action: "SCMP_ACT_ALLOW", args: [netlink]))
        } else {
            rules.append(
                .init(
                    names: ["socket"], action: "SCMP_ACT_ALLOW", args: [netlink, .init(index: 2, value: 9, op: "SCMP_CMP_NE")]))
            rules.append(
                .init(
                    names: ["socket"], action: "SCMP_ACT_ERRNO", errnoRet: einval,
                    args: [netlink, .init(index: 2, value: 9, op: "SCMP_CMP_EQ")]))
        }
        let others = [UInt64(0)] + Array(3...9) + Array(11...15)
        let refused = others.map { SeccompSpec.Argument(index: 0, value: $0, op: "SCMP_CMP_EQ") } + [.init(index: 0, value: 17, op: "SCMP_CMP_GT")]
        return rules + refused.map { .init(names: ["socket"], action: "SCMP_ACT_ERRNO", errnoRet: eafnosupport, args: [$0]) }
    }
}
