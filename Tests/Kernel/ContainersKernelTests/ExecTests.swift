import Containers
import Glibc
import Linux
import RuntimeSpec
import TestSupport
import Testing

@Suite("exec", .serialized, .enabled(if: Machine.canRunContainers, "needs root and busybox-static"))
struct ExecTests {
    private func run(_ fixture: Fixture, _ script: String, edit: (inout ExecRequest) -> Void = { _ in }) throws -> (String, Containers.ExitStatus) {
        var request = ExecRequest(arguments: ["/bin/sh", "-c", script], environment: ["PATH=/bin", "A=b"])
        edit(&request)
        let session = try fixture.runtime.exec("a", request)
        session.stdin?.close()
        let text = try session.stdout.map { String(decoding: try File.readAll(fd: $0.raw), as: UTF8.self) } ?? ""
        return (text, try session.wait())
    }

    @Test("runs beside the container's process, confined like it")
    func runs() throws {
        let fixture = try Fixture()
        try fixture.start("a", "exec sleep 100")
        let (text, status) = try run(fixture, "hostname; echo $A; grep -E 'CapEff|CapBnd|NoNew|Seccomp:' /proc/self/status; exit 9")
        #expect(
            text == "box\nb\nCapEff:\t00000000800405fb\nCapBnd:\t00000000800405fb\nNoNewPrivs:\t1\nSeccomp:\t2\n")
        #expect(status.code == 9)
    }

    @Test("has a working folder and a user, and fails with a sentence")
    func requests() throws {
        let fixture = try Fixture()
        try fixture.start("a", "exec sleep 100")
        let (text, _) = try run(fixture, "echo $PWD; id -u") {
            $0.cwd = "/etc"
            $0.user = .init(uid: 1000, gid: 1000)
        }
        #expect(text == "/etc\n1000\n")
        let error = #expect(throws: RuntimeError.self) {
            try fixture.runtime.exec("a", ExecRequest(arguments: ["nope"], environment: []))
        }
        #expect(error?.what == "run \"nope\"")
    }

    @Test("gives a terminal whose size can be changed")
    func terminal() throws {
        let fixture = try Fixture()
        try fixture.start("a", "exec sleep 100")
        let session = try fixture.runtime.exec(
            "a", ExecRequest(arguments: ["/bin/sh", "-c", "tty; stty size"], environment: ["PATH=/bin"], terminal: (rows: 33, columns: 77)))
        let master = try #require(session.terminal)
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(master.raw, &buffer, buffer.count)
            if count <= 0 { break }
            text += String(decoding: buffer[0..<count], as: UTF8.self)
        }
        #expect(text == "/dev/pts/0\r\n33 77\r\n")
        #expect(try session.wait().code == 0)
    }

    @Test("twenty at once, each with its own status")
    func many() throws {
        let fixture = try Fixture()
        try fixture.start("a", "exec sleep 100")
        let sessions = try (0..<20).map {
            try fixture.runtime.exec("a", ExecRequest(arguments: ["/bin/sh", "-c", "exit \($0)"], environment: ["PATH=/bin"]))
        }
        for (number, session) in sessions.enumerated() { #expect(try session.wait().code == Int32(number)) }
    }

    @Test("ends when the container does")
    func ends() throws {
        let fixture = try Fixture()
        try fixture.start("a", "exec sleep 100")
        let session = try fixture.runtime.exec("a", ExecRequest(arguments: ["/bin/sleep", "100"], environment: []))
        try fixture.runtime.signal("a", 9)
        // Whoever hears of it first: the shim tells the exec's end, or is gone with the container.
        do { #expect(try session.wait().code == 137) } catch { #expect(!error.description.isEmpty) }
    }
}
