import Glibc
import Linux
import TestSupport
import Testing

@Suite("Processes and namespaces", .serialized)
struct ProcessTests {
    private func run(_ script: String, descriptors: [Int32] = [-1, -1, -1]) throws -> Int32 {
        try Program.spawn("/bin/sh", arguments: ["sh", "-c", script], environment: ["A=b"], descriptors: descriptors)
    }

    @Test("a spawned program has its arguments, environment and descriptors, and no others")
    func spawn() throws {
        let pipe = try Pipe()
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        let pid = try run("echo $A; ls /proc/self/fd | wc -w; exit 3", descriptors: [-1, pipe.writing.raw, -1])
        pipe.closeWriting()
        let text = String(decoding: try File.readAll(fd: pipe.reading.raw), as: UTF8.self).split(separator: "\n")
        #expect(try Child.wait(pid) == .exited(3))
        #expect(text.first == "b")
        // 0, 1, 2, and the one that ls has open on the folder.
        #expect(text.dropFirst().first.flatMap { Int($0.filter(\.isNumber)) } == 4)
    }

    @Test("a program that is not there is an error here, not a child that died")
    func missing() {
        let error = #expect(throws: SyscallError.self) { _ = try Program.spawn("/no/such/program", arguments: ["x"]) }
        #expect(error?.errno == ENOENT)
    }

    @Test("a descriptor of a process signals it and tells its end")
    func pidfd() throws {
        let pid = try run("exec sleep 1000")
        let process = try Pidfd(pid)
        let early = process.hasEnded()
        try process.send(9)
        let late = process.hasEnded(within: 20_000)
        #expect(!early && late)
        #expect(try Child.wait(pid) == .signalled(9))
        var refused: Int32 = 0
        do throws(SyscallError) { try process.send(9) } catch { refused = error.errno }
        #expect(refused == ESRCH)
    }

    @Test("signals by name and number")
    func signals() {
        #expect(Signals.number("SIGTERM") == 15 && Signals.number("int") == 2 && Signals.number("9") == 9)
        #expect(Signals.number("RTMIN+3") == 37 && Signals.number("SIGRTMAX-1") == 63)
        for wrong in ["", "SIG", "0", "65", "-1", "RTMIN+31", "NOPE"] { #expect(Signals.number(wrong) == nil, "\(wrong)") }
        #expect(Signals.name(9) == "SIGKILL")
    }

    @Test("capabilities by name")
    func capabilities() {
        #expect(Capabilities.number("net_raw") == 13 && Capabilities.number("CAP_CHOWN") == 0 && Capabilities.number("x") == nil)
        #expect(Capabilities.mask(["CAP_CHOWN", "KILL", "no such"]) == 0x21)
    }

    @Test("a network namespace is pinned, entered by one thread only, and let go", .enabled(if: Machine.isRoot, "needs root"))
    func network() throws {
        let scratch = Scratch("netns")
        let path = "\(scratch.path)/net"
        #expect(!Namespace.isPinned(path))
        try Namespace.pinNetwork(at: path)
        defer { try? Namespace.unpin(path) }
        #expect(Namespace.isPinned(path))
        let own = try File.readLink("/proc/self/ns/net")
        let inside = try Namespace.inNetwork(path) { () throws(SyscallError) -> String in try File.readLink("/proc/thread-self/ns/net") }
        #expect(inside != own)
        #expect(try File.readLink("/proc/thread-self/ns/net") == own)
        try Namespace.unpin(path)
        #expect(!Namespace.isPinned(path))
        try? Namespace.unpin(path)
    }

    @Test("a message on a unix socket carries descriptors")
    func descriptors() throws {
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &pair) == 0)
        defer { for fd in pair { close(fd) } }
        let sealed = try Memfd.sealed("x", [7, 8])
        try UnixSocket.send(pair[0], [1, 2], descriptors: [sealed.raw])
        let (bytes, received) = try UnixSocket.receive(pair[1], capacity: 16)
        defer { for fd in received { close(fd) } }
        #expect(bytes == [1, 2])
        #expect(try received.first.map { try File.readAll(fd: $0) } == [7, 8])
    }
}
