import RuntimeSpec
import Testing

/// What a container gets unasked is no more than what Docker gives.
@Suite struct DefaultsTests {
    private static let docker: Set<String> = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP",
        "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ]

    @Test func capabilitiesAreFewerThanDockers() {
        #expect(Set(Defaults.capabilities).isStrictSubset(of: Self.docker))
        #expect(Defaults.capabilities.count == Set(Defaults.capabilities).count)
    }

    @Test func everyPathThatDockerHidesIsHidden() {
        for path in [
            "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
            "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
        ] { #expect(Defaults.maskedPaths.contains(path), "\(path)") }
        #expect(Set(Defaults.readonlyPaths) == ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"])
    }

    @Test func mountsAllowNoDevicesAndNoSetuid() {
        for mount in Defaults.mounts(shmSize: 1 << 20) {
            let options = mount.options ?? []
            #expect(options.contains("nosuid") && options.contains("noexec"), "\(mount.destination)")
            #expect(options.contains("nodev") || mount.destination.hasPrefix("/dev"), "\(mount.destination)")
        }
        #expect(Defaults.mounts(shmSize: 12345).contains { $0.destination == "/dev/shm" && ($0.options ?? []).contains("size=12345") })
    }

    @Test func devicesAreDeniedBeforeAFewAreAllowed() {
        #expect(Defaults.deviceRules.first == .init(allow: false, access: "rwm"))
        #expect(Defaults.deviceRules.dropFirst().allSatisfy { $0.allow && $0.type == "c" })
        for device in Defaults.devices {
            #expect(Defaults.deviceRules.contains { $0.major == device.major && $0.minor == device.minor }, "\(device.path)")
        }
    }
}

@Suite struct SeccompDefaultTests {
    /// The action for a call without regard to its arguments; nil: the default.
    private func action(_ call: String, _ capabilities: [String] = Defaults.capabilities) -> String? {
        let rules = (Defaults.seccomp(capabilities: capabilities).syscalls ?? []).filter { $0.names.contains(call) && $0.args == nil }
        #expect(Set(rules.map(\.action)).count <= 1, "\(call) is allowed and refused")
        return rules.first.map { $0.action == "SCMP_ACT_ALLOW" ? "allow" : "errno \($0.errnoRet ?? 0)" }
    }

    @Test func unknownCallsDoNotExist() {
        let profile = Defaults.seccomp(capabilities: Defaults.capabilities)
        #expect(profile.defaultAction == "SCMP_ACT_ERRNO" && profile.defaultErrnoRet == 38)
    }

    @Test(arguments: ["read", "openat2", "execve", "futex", "epoll_pwait2", "rseq", "statx"])
    func ordinaryCallsAreAllowed(call: String) { #expect(action(call) == "allow") }

    @Test(arguments: [
        "mount", "umount2", "pivot_root", "unshare", "setns", "bpf", "perf_event_open", "keyctl", "add_key", "request_key", "init_module",
        "kexec_load", "reboot", "swapon", "acct", "open_by_handle_at", "settimeofday", "iopl", "ioperm", "userfaultfd",
        "io_uring_setup", "fsopen", "move_mount", "open_tree", "move_pages", "syslog", "mbind", "vmsplice", "remap_file_pages", "modify_ldt",
        "pidfd_getfd", "kcmp", "quotactl", "lookup_dcookie", "process_madvise", "uselib", "vhangup", "fanotify_init", "sethostname",
    ])
    func powersOfTheHostAreRefused(call: String) { #expect(action(call) != "allow") }

    @Test(arguments: [
        ("CAP_SYS_ADMIN", "mount"), ("CAP_SYS_ADMIN", "unshare"), ("CAP_SYS_BOOT", "reboot"), ("CAP_SYS_TIME", "settimeofday"),
        ("CAP_SYS_MODULE", "init_module"), ("CAP_SYS_PTRACE", "pidfd_getfd"), ("CAP_SYSLOG", "syslog"), ("CAP_SYS_NICE", "mbind"),
    ])
    func aCapabilityOpensWhatItIsFor(capability: String, call: String) {
        #expect(action(call, []) == "errno 1")
        #expect(action(call, [capability]) == "allow")
    }

    @Test func newNamespacesNeedTheAdministrator() {
        let cloning = { (capabilities: [String]) in
            (Defaults.seccomp(capabilities: capabilities).syscalls ?? []).filter { !Set($0.names).isDisjoint(with: ["clone", "clone3"]) }
        }
        #expect(cloning(["CAP_SYS_ADMIN"]).allSatisfy { $0.action == "SCMP_ACT_ALLOW" && $0.args == nil })
        let plain = cloning([])
        #expect(plain.first { $0.names == ["clone"] }?.args?.first?.value == 0x7E02_0000)
        #expect(plain.first { $0.names == ["clone3"] }?.errnoRet == 38)
    }

    /// The rules as the kernel applies them: allowed when one of the masked comparisons holds.
    @Test func everyControlButTypingIntoATerminalIsAllowed() {
        let rules = (Defaults.seccomp(capabilities: []).syscalls ?? []).filter { $0.names == ["ioctl"] }
        let answer = { (request: UInt64) in
            Set(rules.filter { rule in (rule.args ?? []).allSatisfy { request & $0.value == $0.valueTwo } }.map(\.action))
        }
        for request: UInt64 in [0x5412, 0x541C, 0x1_0000_5412, 0xffff_ffff_0000_541C] { #expect(answer(request) == ["SCMP_ACT_ERRNO"]) }
        for request in Array(UInt64(0x5400)...0x54ff) + [0, 0x8004_5430, 0xffff_ffff_8004_667e, 0xffff_ffff] where request != 0x5412 && request != 0x541C {
            #expect(answer(request) == ["SCMP_ACT_ALLOW"], "\(request)")
        }
    }

    @Test func socketsAreOfFamiliesThatContainersNeed() {
        let rules = (Defaults.seccomp(capabilities: []).syscalls ?? []).filter { $0.names == ["socket"] }
        let holds = { (argument: SeccompSpec.Argument, values: [UInt64]) in
            let value = values[Int(argument.index)]
            return switch argument.op {
            case "SCMP_CMP_EQ": value == argument.value
            case "SCMP_CMP_NE": value != argument.value
            case "SCMP_CMP_GT": value > argument.value
            default: false
            }
        }
        let answer = { (family: UInt64, proto: UInt64) in
            rules.filter { ($0.args ?? []).allSatisfy { holds($0, [family, 0, proto]) } }.map { $0.errnoRet ?? 0 }
        }
        for family: UInt64 in [1, 2, 10, 16, 17] { #expect(answer(family, 0) == [0], "\(family)") }
        for family: UInt64 in [0, 3, 9, 15, 21, 29, 38, 40, 44] { #expect(answer(family, 0) == [97], "\(family)") }
        #expect(answer(16, 9) == [22])
    }
}
