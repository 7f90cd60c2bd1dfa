import Cgroups
import Linux
import Testing
import TestSupport

@Suite("Devices", .serialized, .enabled(if: Machine.canRunContainers && Cgroup.isWritable, "needs root, busybox-static and writable cgroups"))
struct DeviceTests {
    private static let rules: [Limits.DeviceAccess] = [.init(allow: false, text: "a"), .init(allow: true, text: "c 1:3 rwm")]
    private static let script = "cat /dev/null && echo null; head -c 1 /dev/zero >/dev/null && echo zero; true"

    private func answer(_ cgroup: Cgroup) throws -> String? {
        var limits = Limits()
        limits.devices = Self.rules
        let (procs, notices) = try cgroup.driver.create("one", limits: limits)
        if let notice = notices.first(where: { $0.contains("device") }) {
            print("skipped: \(notice)")
            return nil
        }
        return try cgroup.run(procs, Self.script)
    }

    @Test("only those on the list can be opened, by whatever this host has")
    func here() throws {
        let cgroup = try Cgroup("devices")
        defer { cgroup.remove() }
        guard let text = try answer(cgroup) else { return }
        #expect(text.contains("null\n") && !text.contains("zero\n"), "\(text)")
    }

    @Test("only those on the list can be opened, by a program of cgroup v2")
    func unified() throws {
        guard let v2 = try CgroupLayout.current().v2 else { return print("skipped: no cgroup2 here") }
        let cgroup = try Cgroup("devices2", layout: CgroupLayout(v2: v2))
        defer { cgroup.remove() }
        guard let text = try answer(cgroup) else { return }
        #expect(text.contains("null\n") && !text.contains("zero\n"), "\(text)")
    }
}
