import FoundationEssentials
import RuntimeSpec
import Testing

@Suite struct SpecTests {
    private static let full = RuntimeSpec(
        process: ProcessSpec(
            args: ["sh"], cwd: "/srv", user: .init(uid: 1, gid: 2, umask: 18, additionalGids: [3]), env: ["A=b"], terminal: true,
            consoleSize: .init(height: 25, width: 80), capabilities: .init(bounding: ["CAP_KILL"], effective: [], permitted: []),
            rlimits: [.init(type: "RLIMIT_CORE", soft: 0, hard: UInt64.max)], noNewPrivileges: true, oomScoreAdj: 5),
        root: RootSpec(path: "rootfs", readonly: true), hostname: "h", domainname: "d", mounts: Defaults.mounts(shmSize: 1 << 20),
        annotations: ["a": "b"],
        linux: LinuxSpec(
            namespaces: Defaults.namespaces, devices: Defaults.devices, cgroupsPath: "/x",
            resources: .init(
                memory: .init(limit: 1, reservation: 2, swap: 3, swappiness: 4, disableOOMKiller: false),
                cpu: .init(shares: 1, quota: -1, period: 2, cpus: "0", mems: "0"), pids: .init(limit: 5), devices: Defaults.deviceRules),
            sysctl: Defaults.networkSysctls, maskedPaths: ["/m"], readonlyPaths: ["/r"], seccomp: Defaults.seccomp(capabilities: [])))

    @Test func aDocumentSurvivesTheWayThroughJSON() throws {
        let data = try JSONEncoder().encode(Self.full)
        #expect(try JSONDecoder().decode(RuntimeSpec.self, from: data) == Self.full)
    }

    /// The names are those of the OCI runtime specification, config.md and config-linux.md.
    @Test func namesAreThoseOfTheSpecification() throws {
        let text = String(decoding: try JSONEncoder().encode(Self.full), as: UTF8.self)
        for name in [
            "ociVersion", "process", "terminal", "consoleSize", "user", "uid", "gid", "umask", "additionalGids", "args", "env", "cwd",
            "capabilities", "bounding", "effective", "permitted", "rlimits", "type", "soft", "hard", "noNewPrivileges", "oomScoreAdj",
            "root", "path", "readonly", "hostname", "domainname", "mounts", "destination", "source", "options", "annotations", "linux",
            "namespaces", "devices", "major", "minor", "fileMode", "cgroupsPath", "resources", "memory", "limit", "reservation", "swap",
            "swappiness", "disableOOMKiller", "cpu", "shares", "quota", "period", "cpus", "mems", "pids", "allow", "access", "sysctl",
            "maskedPaths", "readonlyPaths", "seccomp", "defaultAction", "defaultErrnoRet", "architectures", "syscalls", "names", "action",
            "errnoRet", "index", "value", "valueTwo", "op",
        ] { #expect(text.contains("\"\(name)\":"), "\(name)") }
    }

    @Test func aConfigOfAnotherToolIsReadAndWhatIsUnknownLeftOut() throws {
        let text = """
            {"ociVersion": "1.0.2-dev", "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": ["true"], "cwd": "/",
             "apparmorProfile": "x", "future": [1, {}]}, "root": {"path": "rootfs"}, "mounts": [{"destination": "/proc", "type": "proc"}],
             "hooks": {}, "linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/n"}], "rootfsPropagation": "private"}}
            """
        let spec = try JSONDecoder().decode(RuntimeSpec.self, from: Data(text.utf8))
        #expect(spec.process.args == ["true"])
        #expect(spec.linux.namespaces == [.init(.pid), .init(.network, path: "/run/n")])
        #expect(spec.linux.seccomp == nil)
    }

    @Test func aDocumentWithoutItsPartsIsRefused() {
        for text in ["", "{}", "{\"ociVersion\": \"1.2.0\"}", "[]", "{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[1],\"cwd\":\"/\"}}"] {
            #expect(throws: (any Error).self) { try JSONDecoder().decode(RuntimeSpec.self, from: Data(text.utf8)) }
        }
    }
}
