import Cgroups
import Containers
import Launch
import RuntimeSpec
import Testing

@Suite("A container compiled to steps")
struct CompileTests {
    private func record(edit: (inout ContainerRecord) -> Void = { _ in }) -> ContainerRecord {
        var process = ProcessSpec(args: ["sh", "-c", "true"])
        process.env = ["PATH=/bin"]
        process.cwd = "/srv"
        process.user = .init(uid: 1000, gid: 1001, additionalGids: [2000])
        process.noNewPrivileges = true
        var spec = RuntimeSpec(process: process, root: .init(path: "rootfs"), hostname: "box")
        spec.mounts = [
            MountSpec(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            MountSpec(destination: "/data", type: "bind", source: "/host/data", options: ["rbind", "ro"]),
        ]
        spec.root.readonly = true
        spec.linux = LinuxSpec(
            namespaces: [.init(.pid), .init(.mount), .init(.ipc), .init(.uts), .init(.cgroup), .init(.network)], devices: [],
            resources: nil, maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"], seccomp: nil)
        spec.linux.sysctl = ["net.core.somaxconn": "512", "kernel.shmmax": "1"]
        var record = ContainerRecord(id: "a", spec: spec, rootfs: .overlay(lower: ["/l/2", "/l/1"]))
        edit(&record)
        return record
    }

    private func context(seccomp: [UInt8]? = [6, 0, 0, 0, 0, 0, 255, 127]) -> LaunchContext {
        LaunchContext(
            cgroupProcs: ["/cg/pids/a/cgroup.procs", "/cg/memory/a/cgroup.procs"], layout: CgroupLayout(v2: "/sys/fs/cgroup"), upper: "/c/upper",
            work: "/c/work", rootfs: "/c/rootfs", log: "/c/log", run: "/run/a", seccomp: seccomp, isFolder: { $0 != "/etc/file" })
    }

    private func lines(_ plan: LaunchPlan) -> [String] { plan.steps.map(StepText.line) }

    @Test("has this text")
    func golden() throws {
        let expected = """
            joinCgroup /cg/pids/a/cgroup.procs
            joinCgroup /cg/memory/a/cgroup.procs
            unshare 33554432
            unshare 1073741824
            privateMounts
            overlayRoot /l/2:/l/1 /c/upper /c/work /c/rootfs
            mount proc proc /proc 14 -
            bind /host/data /data 1 true true
            symlink /proc/self/fd /dev/fd
            symlink /proc/self/fd/0 /dev/stdin
            symlink /proc/self/fd/1 /dev/stdout
            symlink /proc/self/fd/2 /dev/stderr
            symlink pts/ptmx /dev/ptmx
            folder /srv
            sysctl kernel/shmmax 1
            sysctl net/core/somaxconn 512
            hostname box
            mask /proc/kcore
            readonly /proc/sys
            oomScoreAdjust 0
            pivotRoot
            readonlyRoot
            dropBounding 0
            groups 2000
            gid 1001
            uid 1000
            capabilities 0 0 0 0
            chdir /srv
            noNewPrivileges
            seccomp 8 bytes
            exec sh:-c:true PATH=/bin
            """
        #expect(lines(try compile(record(), context())).joined(separator: "\n") == expected)
    }

    private func order(_ plan: LaunchPlan, _ first: String, _ second: String) -> Bool {
        let names = lines(plan).map { $0.split(separator: " ").first.map(String.init) ?? "" }
        guard let last = names.lastIndex(of: first), let next = names.firstIndex(of: second) else { return false }
        return last < next
    }

    @Test(
        "keeps the orders that safety hangs on",
        arguments: [
            ("joinCgroup", "unshare"), ("privateMounts", "overlayRoot"), ("overlayRoot", "mount"), ("mount", "symlink"), ("sysctl", "mask"),
            ("sysctl", "readonly"), ("mask", "pivotRoot"), ("pivotRoot", "readonlyRoot"), ("dropBounding", "uid"), ("groups", "gid"),
            ("gid", "uid"), ("uid", "capabilities"), ("capabilities", "noNewPrivileges"), ("noNewPrivileges", "seccomp"), ("seccomp", "exec"),
        ])
    func orders(first: String, second: String) throws {
        #expect(order(try compile(record(), context()), first, second), "\(first) must come before \(second)")
    }

    @Test("loads the filter last, in the child of a first process of its own too")
    func initProcess() throws {
        let steps = lines(try compile(record { $0.initProcess = true }, context()))
        #expect(steps.suffix(3).map { $0.prefix(7) } == ["initPro", "seccomp", "exec sh"])
    }

    @Test("without no_new_privs the filter comes while it still may be loaded")
    func privileges() throws {
        let plan = try compile(record { $0.spec.process.noNewPrivileges = false }, context())
        #expect(order(plan, "seccomp", "uid"))
        #expect(!lines(plan).contains("noNewPrivileges"))
    }

    @Test("privileged has no filter step")
    func unconfined() throws {
        #expect(!lines(try compile(record(), context(seccomp: nil))).contains { $0.hasPrefix("seccomp") })
    }

    @Test("joins a pinned network and makes none of its own")
    func network() throws {
        let steps = lines(try compile(record { $0.networkNamespace = "/run/netns/a" }, context()))
        #expect(steps.contains("joinNamespace /run/netns/a 1073741824"))
        #expect(!steps.contains("unshare 1073741824"))
    }

    @Test("binds a file on a file")
    func file() throws {
        let plan = try compile(
            record { $0.spec.mounts = [MountSpec(destination: "/f", type: "bind", source: "/etc/file", options: ["bind"])] }, context())
        #expect(lines(plan).contains("bind /etc/file /f 0 false false"))
    }

    @Test("makes mount, pid, ipc and uts namespaces with the clone itself")
    func flags() throws {
        #expect(try compile(record(), context()).cloneFlags == 0x2c02_0000)
        #expect(try compile(record { $0.spec.linux.namespaces = [] }, context()).cloneFlags == 0x0002_0000)
    }

    @Test("without a command, or with an unknown ulimit, is refused with what helps")
    func refused() {
        let nothing = #expect(throws: RuntimeError.self) { try compile(record { $0.spec.process.args = [] }, context()) }
        #expect(nothing?.what.contains("no command") == true)
        let limit = #expect(throws: RuntimeError.self) {
            try compile(record { $0.spec.process.rlimits = [.init(type: "RLIMIT_SPEED", soft: 1, hard: 1)] }, context())
        }
        #expect(limit?.what == "unknown ulimit \"RLIMIT_SPEED\"")
    }
}

/// A step in one line: its name and its values.
enum StepText {
    static func line(_ step: LaunchStep) -> String {
        guard let child = Mirror(reflecting: step).children.first else { return "\(step)" }
        let name = child.label ?? "?"
        if case .seccomp(let bytes) = step { return "\(name) \(bytes.count) bytes" }
        let mirror = Mirror(reflecting: child.value)
        let values = mirror.displayStyle == .tuple ? mirror.children.map(\.value) : [child.value]
        return "\(name) \(values.map(text).joined(separator: " "))"
    }

    private static func text(_ value: Any) -> String {
        switch value {
        case let bytes as [UInt8]: bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
        case let list as [[UInt8]]: list.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ":")
        case let numbers as [UInt32]: numbers.map { "\($0)" }.joined(separator: ",")
        default: "\(value)"
        }
    }
}
