import Containers
import RuntimeSpec
import TestSupport
import Testing

@Suite("From inside a container", .serialized, .enabled(if: Machine.canRunContainers, "needs root and busybox-static"))
struct ConfinementTests {
    @Test("only the default capabilities, no new privileges, a filter")
    func status() throws {
        let fixture = try Fixture()
        let status = try fixture.output("a", "cat /proc/self/status")
        #expect(status.contains("CapBnd:\t00000000800405fb"))
        #expect(status.contains("CapEff:\t00000000800405fb"))
        #expect(status.contains("CapInh:\t0000000000000000"))
        #expect(status.contains("CapAmb:\t0000000000000000"))
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(status.contains("Seccomp:\t2"))
    }

    @Test("namespaces are refused, kernel files hidden, sysctls read-only")
    func refusals() throws {
        let fixture = try Fixture()
        let text = try fixture.output(
            "a",
            """
            unshare -m true 2>&1 | head -1; mount -t tmpfs x /tmp 2>&1 | head -1; head -c 1 /proc/kcore | od -c | head -1; ls /sys/firmware
            echo 1 > /proc/sys/vm/swappiness 2>/dev/null || echo sysctl refused; touch /sys/x 2>/dev/null || echo sys refused
            """)
        #expect(text.contains("unshare: unshare(0x20000): Operation not permitted"))
        #expect(text.contains("mount: permission denied"))
        #expect(text.contains("sysctl refused"))
        #expect(text.contains("sys refused"))
        #expect(text.contains("0000000\n"))
    }

    @Test("it is pid 1, alone, with its own hostname, and has no descriptors but three")
    func isolation() throws {
        let fixture = try Fixture()
        let text = try fixture.output("a", "echo $$; hostname; ls /proc/self/fd | head -20; ls -d /proc/[0-9]*")
        #expect(text.hasPrefix("1\nbox\n0\n1\n2\n3\n/proc/1"), "\(text)")
        // Nobody but the shell, and perhaps the one that it started to look.
        #expect(text.split(separator: "\n").count <= 8, "\(text)")
    }

    @Test("a read-only root, a tmpfs, a bind mount")
    func mounts() throws {
        let fixture = try Fixture()
        try fixture.scratch.write("data/in", "from outside\n")
        let text = try fixture.output("a", "touch /x 2>&1; echo ok > /scratch/y; cat /scratch/y; cat /data/in; echo w > /data/out; touch /ro/x 2>&1") {
            $0.spec.root.readonly = true
            $0.spec.mounts += [
                MountSpec(destination: "/scratch", type: "tmpfs", source: "tmpfs", options: ["nosuid", "size=64k", "mode=1777"]),
                MountSpec(destination: "/data", type: "bind", source: "\(fixture.scratch.path)/data", options: ["rbind"]),
                MountSpec(destination: "/ro", type: "bind", source: "\(fixture.scratch.path)/data", options: ["rbind", "ro"]),
            ]
        }
        #expect(text == "touch: /x: Read-only file system\nok\nfrom outside\ntouch: /ro/x: Read-only file system")
        #expect(String(file: "\(fixture.scratch.path)/data/out") == "w\n")
    }

    @Test("a link in the image cannot lead a mount out of the root")
    func escape() throws {
        let fixture = try Fixture()
        let outside = Scratch("outside")
        try fixture.scratch.write("data/in", "x")
        _ = try fixture.output("a", "true") {
            $0.spec.mounts.append(
                MountSpec(destination: "/link/mnt", type: "bind", source: "\(fixture.scratch.path)/data", options: ["rbind"]))
        }
        #expect(String(file: "\(outside.path)/mnt/in").isEmpty)
    }

    @Test("another user, with groups, without capabilities")
    func user() throws {
        let fixture = try Fixture()
        let text = try fixture.output("a", "id -u; id -g; id -G; grep CapEff /proc/self/status") {
            $0.spec.process.user = .init(uid: 1000, gid: 1000, additionalGids: [2000])
        }
        #expect(text == "1000\n1000\n1000 2000\nCapEff:\t0000000000000000")
    }

    @Test("limits of processes and memory hold")
    func limits() throws {
        let fixture = try Fixture()
        let text = try fixture.output("a", "for i in $(seq 1 30); do sleep 1 & done 2>&1; wait") {
            $0.spec.linux.resources?.pids = .init(limit: 10)
        }
        #expect(text.lowercased().contains("can't fork"))
        _ = try fixture.output("b", "x=$(head -c 60000000 /dev/zero | od -v -c); echo $x | head -c 1") {
            $0.spec.linux.resources?.memory = .init(limit: 16 << 20, swap: 16 << 20)
        }
        let end = try #require(try fixture.exit("b"))
        #expect(end.code != 0)
    }
}
