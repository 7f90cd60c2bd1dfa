import Containers
import Images
import OCI
import RuntimeSpec
import StackModel
import Testing

@testable import Engine

private func input(_ change: (inout Service) -> Void = { _ in }, image fill: (inout ImageConfig) -> Void = { _ in }) -> BlueprintInput {
    var service = Service(name: "web", image: "app:1")
    service.command = ["run"]
    change(&service)
    var image = ImageConfig()
    fill(&image)
    return BlueprintInput(
        id: "0123456789abcdef0123", name: "p-web-1", stack: "p", service: service, image: image, layers: ["/layers/b", "/layers/a"],
        user: ResolvedUser(uid: 0, gid: 0, home: "/root"), mounts: [], hostName: "host")
}

private func record(_ change: (inout Service) -> Void = { _ in }, image fill: (inout ImageConfig) -> Void = { _ in }) throws -> ContainerRecord {
    try Blueprint.record(input(change, image: fill)).record
}

@Suite("From a service to a runtime specification") struct BlueprintTests {
    @Test(arguments: [
        (nil, nil, ["e"], ["c"], ["e", "c"]), (nil, ["x"], ["e"], ["c"], ["e", "x"]), (["f"], nil, ["e"], ["c"], ["f"]), (["f"], ["x"], ["e"], ["c"], ["f", "x"]),
        ([], ["x"], ["e"], ["c"], ["x"]), (nil, nil, nil, ["c"], ["c"]),
    ] as [([String]?, [String]?, [String]?, [String]?, [String])])
    func command(_ entrypoint: [String]?, _ command: [String]?, _ imageEntrypoint: [String]?, _ imageCommand: [String]?, _ expected: [String]) throws {
        let made = try record {
            $0.entrypoint = entrypoint
            $0.command = command
        } image: {
            $0.entrypoint = imageEntrypoint
            $0.cmd = imageCommand
        }
        #expect(made.spec.process.args == expected)
    }

    @Test("no command at all is an error that names the service")
    func noCommand() {
        #expect { try record { $0.command = nil } } throws: { ($0 as? Failure)?.what == "service \"web\" has no command" }
    }

    @Test("environment: the image's, the service's over it, and what every container has")
    func environment() throws {
        let made = try record {
            $0.environment = ["B": "own", "C": "=3"]
            $0.tty = true
        } image: {
            $0.env = ["A=1", "B=2", "PATH=/bin"]
        }
        #expect(made.spec.process.env == ["A=1", "B=own", "PATH=/bin", "C==3", "HOSTNAME=0123456789ab", "HOME=/root", "TERM=xterm"])
        #expect(try record().spec.process.env?.first == Defaults.environmentPath)
    }

    @Test("least privilege without a word; each opening only what it says")
    func confinement() throws {
        let plain = try record().spec
        #expect(plain.process.noNewPrivileges == true && plain.process.capabilities?.bounding == Defaults.capabilities.sorted())
        #expect(plain.linux.seccomp != nil && plain.linux.maskedPaths == Defaults.maskedPaths && plain.linux.readonlyPaths == Defaults.readonlyPaths)
        #expect(plain.linux.resources?.pids?.limit == Defaults.pidsLimit)
        #expect(plain.linux.resources?.devices?.first == .init(allow: false, access: "rwm"))
        #expect(plain.mounts.first { $0.destination == "/sys" }?.options?.contains("ro") == true)
        let open = try record { $0.securityOpt = ["seccomp:unconfined", "no-new-privileges=false"] }.spec
        #expect(open.linux.seccomp == nil && open.process.noNewPrivileges == false && open.linux.maskedPaths == Defaults.maskedPaths)
        let privileged = try record { $0.privileged = true }.spec
        #expect(privileged.linux.seccomp == nil && privileged.linux.maskedPaths == nil && privileged.process.capabilities?.bounding?.contains("CAP_SYS_ADMIN") == true)
        #expect(privileged.mounts.first { $0.destination == "/sys" }?.options?.contains("ro") == false)
        #expect(throws: Failure.self) { try record { $0.securityOpt = ["nonsense:1"] } }
    }

    @Test("capabilities: ALL first, then single names, with and without CAP_")
    func capabilities() throws {
        func bounding(_ add: [String], _ drop: [String]) throws -> [String] {
            try record {
                $0.capAdd = add
                $0.capDrop = drop
            }.spec.process.capabilities?.bounding ?? []
        }
        #expect(try bounding(["NET_ADMIN"], []).contains("CAP_NET_ADMIN"))
        #expect(try bounding([], ["cap_chown"]).contains("CAP_CHOWN") == false)
        #expect(try bounding(["CAP_CHOWN"], ["ALL"]) == ["CAP_CHOWN"])
        #expect(try bounding(["ALL"], ["SYS_ADMIN"]).contains("CAP_SYS_ADMIN") == false)
        #expect(try bounding(["ALL"], ["SYS_ADMIN"]).contains("CAP_SYS_PTRACE"))
        #expect(throws: Failure.self) { try bounding(["MAGIC"], []) }
    }

    @Test("a process that is not root holds none of them")
    func user() throws {
        var input = input()
        input.user = ResolvedUser(uid: 1000, gid: 1001, groups: [5], home: "/home")
        input.addedGroups = [5, 7]
        let process = try Blueprint.record(input).record.spec.process
        #expect(process.user == .init(uid: 1000, gid: 1001, additionalGids: [5, 7]))
        #expect(process.capabilities?.effective == [] && process.capabilities?.permitted == [] && process.capabilities?.bounding?.isEmpty == false)
    }

    @Test("limits in the kernel's units")
    func resources() throws {
        let made = try record {
            $0.resources.cpus = 1.5
            $0.resources.memory = 64 << 20
            $0.resources.memorySwap = -1
            $0.resources.pids = 100
            $0.resources.cpuset = "0"
        }.spec.linux.resources
        #expect(made?.cpu?.quota == 150_000 && made?.cpu?.period == 100_000 && made?.cpu?.cpus == "0")
        #expect(made?.memory?.limit == 64 << 20 && made?.memory?.swap == -1 && made?.pids?.limit == 100)
        #expect(try record { $0.resources.cpus = 0.001 }.spec.linux.resources?.cpu?.quota == 1000)
        #expect(throws: Failure.self) { try record { $0.resources.memory = 4096 } }
    }

    @Test(arguments: [
        ("net.core.somaxconn", NetworkMode.networks, true), ("net.core.somaxconn", .host, false), ("kernel.shmmax", .networks, true), ("kernel.panic", .networks, false),
        ("vm.swappiness", .networks, false), ("net/../../kernel.panic", .networks, false), ("fs.mqueue.msg_max", .host, true),
    ])
    func sysctls(_ name: String, _ mode: NetworkMode, _ isAllowed: Bool) {
        let result = Result {
            try record {
                $0.sysctls = [name: "1"]
                $0.networkMode = mode
            }
        }
        #expect((try? result.get().spec.linux.sysctl?[name] == "1") == (isAllowed ? true : nil))
    }

    @Test("mounts: outer before inner; one of the service's replaces a standard one")
    func mounts() throws {
        var input = input()
        input.mounts = [
            ResolvedMount(kind: .bind(source: "/h/inner", propagation: nil), target: "/data/inner", readOnly: true),
            ResolvedMount(kind: .tmpfs(size: 1024, mode: 0o700), target: "/data", readOnly: false),
            ResolvedMount(kind: .tmpfs(size: nil, mode: nil), target: "/dev/shm", readOnly: false),
        ]
        let mounts = try Blueprint.record(input).record.spec.mounts
        let targets = mounts.map(\.destination)
        #expect(targets.count { $0 == "/dev/shm" } == 1)
        #expect((targets.firstIndex(of: "/data") ?? 99) < (targets.firstIndex(of: "/data/inner") ?? 0))
        #expect(mounts.first { $0.destination == "/data" }?.options == ["nosuid", "nodev", "noexec", "rw", "mode=700", "size=1024"])
        #expect(mounts.first { $0.destination == "/data/inner" }?.options == ["rbind", "rprivate", "ro"])
    }

    @Test("names, stop signal, folder, logs, namespaces")
    func rest() throws {
        let made = try record {
            $0.stopSignal = "SIGUSR1"
            $0.workingDir = "/w"
            $0.readOnly = true
            $0.initProcess = true
            $0.logging = Logging(driver: "json-file", options: ["max-size": "5m", "max-file": "2"])
            $0.pidMode = "host"
            $0.ulimits = ["nofile": Ulimit(soft: 10, hard: -1)]
        } image: {
            $0.stopSignal = "SIGQUIT"
            $0.workingDir = "/image"
        }
        #expect(made.stopSignal == 10 && made.spec.process.cwd == "/w" && made.spec.root.readonly == true && made.initProcess)
        #expect(made.log == LogLimits(maxBytes: 5 << 20, maxFiles: 2))
        #expect(!made.spec.linux.namespaces.contains { $0.type == .pid })
        #expect(made.spec.process.rlimits == [.init(type: "RLIMIT_NOFILE", soft: 10, hard: .max)])
        #expect(made.rootfs == .overlay(lower: ["/layers/b", "/layers/a"]) && made.spec.hostname == "0123456789ab")
        #expect(try record { $0.networkMode = .host }.spec.hostname == "host")
        #expect(try record({ _ in }, image: { $0.stopSignal = "SIGQUIT" }).stopSignal == 3)
        #expect(throws: Failure.self) { try record { $0.stopSignal = "SIGNONE" } }
        #expect(throws: Failure.self) { try record { $0.pidMode = "service:x" } }
        #expect(try Blueprint.record(input { $0.logging = Logging(driver: "syslog") }).warnings.count == 1)
    }
}
