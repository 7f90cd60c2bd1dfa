import Launch
import Testing

@Suite("A launch plan on the wire")
struct CodecTests {
    /// One of each kind, with values that a slip in order or width would change.
    static let steps: [LaunchStep] = [
        .joinCgroup(procs: text("/sys/fs/cgroup/x/cgroup.procs")), .joinNamespace(path: text("/run/netns/a"), type: 0x4000_0000),
        .unshare(flags: 0x0200_0000), .privateMounts,
        .overlayRoot(lower: [text("/l/2"), text("/l/1")], upper: text("/u"), work: text("/w"), target: text("/t")),
        .bindRoot(path: text("/r")),
        .mount(type: text("tmpfs"), source: text("shm"), target: text("/dev/shm"), attributes: 14, options: text("size=1k")),
        .bind(source: text("/a"), target: text("/b"), attributes: 1, recursive: true, folder: false),
        .device(path: text("/dev/null"), type: 99, major: 1, minor: 3, mode: 0o666, uid: 7, gid: 8),
        .symlink(target: text("fd/0"), path: text("/dev/stdin")), .folder(path: text("/work")),
        .sysctl(path: text("net/ipv4/ip_forward"), value: text("1")), .mask(path: text("/proc/kcore")), .readonly(path: text("/proc/sys")),
        .pivotRoot, .readonlyRoot, .hostname(text("box")), .domainname(text("example")),
        .rlimit(resource: 7, soft: 1024, hard: UInt64.max), .oomScoreAdjust(-500), .terminal(rows: 24, columns: 80),
        .dropBounding(keep: 0x8004_05fb), .groups([1, 2, UInt32.max]), .gid(3), .uid(4),
        .capabilities(effective: 1, permitted: 2, inheritable: 3, ambient: 4), .noNewPrivileges, .seccomp([0, 1, 255, 254]), .umask(0o22),
        .chdir(text("/")), .enter, .initProcess, .exec(arguments: [text("sh"), text("-c"), []], environment: [text("A=b")]),
    ]

    static func text(_ value: String) -> [UInt8] { Array(value.utf8) }

    static let plan = LaunchPlan(
        cloneFlags: 0x2c02_0000_0000_0001, steps: steps, logPath: text("/log"), logMaxBytes: 1 << 40, logFiles: 3, runFolder: text("/run/x"))

    @Test("comes back as it went")
    func roundTrip() throws {
        #expect(try LaunchPlan(decoding: Self.plan.encoded()) == Self.plan)
        #expect(try LaunchPlan(decoding: LaunchPlan().encoded()) == LaunchPlan())
    }

    /// The codes of steps are for ever: a newer daemon adopts older shims.
    @Test("has the bytes that it always had")
    func golden() {
        let plan = LaunchPlan(steps: [.pivotRoot, .uid(258), .exec(arguments: [[0x61]], environment: [])])
        #expect(
            plan.encoded() == [
                0x31, 0x4c, 0x50, 0x47,  // version
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // flags, log, bounds, run folder
                3, 0, 0, 0,
                14, 0, 0, 0, 0, 0,
                24, 0, 4, 0, 0, 0, 2, 1, 0, 0,
                32, 0, 13, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 0,
            ])
    }

    @Test("cut off anywhere is an error, never a trap")
    func truncated() {
        let bytes = Self.plan.encoded()
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try LaunchPlan(decoding: Array(bytes[0..<count])) }
        }
    }

    @Test("with any byte changed reads or fails, and never asks for memory that a lying count names")
    func corrupted() {
        let bytes = Self.plan.encoded()
        for index in bytes.indices {
            for value: UInt8 in [0, 0x7f, 0xff] {
                var changed = bytes
                changed[index] = value
                _ = try? LaunchPlan(decoding: changed)
            }
        }
    }

    @Test("of another version, or with a step of later times, is refused by name")
    func unknown() {
        #expect(throws: CodecError.unknownVersion(1)) { try LaunchPlan(decoding: [1, 0, 0, 0] + [UInt8](repeating: 0, count: 64)) }
        var bytes = LaunchPlan(steps: [.pivotRoot]).encoded()
        bytes[bytes.count - 6] = 0xe7
        bytes[bytes.count - 5] = 0x03
        #expect(throws: CodecError.unknownStep(999)) { try LaunchPlan(decoding: bytes) }
    }
}
