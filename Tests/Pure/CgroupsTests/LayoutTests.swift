import Cgroups
import Testing

@Suite struct LayoutTests {
    @Test func aHybridHostServesEachControllerWhereItIs() {
        let layout = CgroupLayout.parse(
            mountinfo: """
                31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
                40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                """)
        #expect(layout.v1 == ["cpu": "/sys/fs/cgroup/cpu", "memory": "/sys/fs/cgroup/memory"])
        #expect(layout.v2 == "/sys/fs/cgroup/unified")
        #expect(layout.name == "v1")
        var hybrid = layout
        hybrid.v2Controllers = ["pids"]
        #expect(hybrid.name == "hybrid")
    }

    @Test func controllersMountedTogetherShareAMountPoint() {
        let layout = CgroupLayout.parse(
            mountinfo: "33 24 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:15 - cgroup cgroup rw,cpu,cpuacct\n")
        #expect(layout.v1 == ["cpu": "/sys/fs/cgroup/cpu,cpuacct", "cpuacct": "/sys/fs/cgroup/cpu,cpuacct"])
        #expect(layout.v1Mounts == ["/sys/fs/cgroup/cpu,cpuacct"])
    }

    @Test func aUnifiedHostHasOnlyV2() {
        let layout = CgroupLayout.parse(mountinfo: "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev - cgroup2 cgroup2 rw,nsdelegate\n")
        #expect(layout.v1.isEmpty && layout.v2 == "/sys/fs/cgroup" && layout.name == "v2")
    }

    @Test func wholeHierarchiesGoBeforePartsOfThem() {
        let layout = CgroupLayout.parse(
            mountinfo: """
                40 30 0:32 /docker/abc /mnt/part rw - cgroup cgroup rw,memory
                41 30 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                42 30 0:33 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
                """)
        #expect(layout.v1 == ["memory": "/sys/fs/cgroup/memory", "pids": "/sys/fs/cgroup/pids"])
    }

    @Test(arguments: ["", "garbage", "1 2 3 - cgroup\n", "1 2 3 / /x rw -\n", " - - - - - - cgroup cgroup cpu"])
    func whatIsNoMountIsLeftOut(text: String) {
        let layout = CgroupLayout.parse(mountinfo: text)
        #expect(layout.v1.isEmpty && layout.v2 == nil)
    }
}
