import Glibc
import Linux
import TestSupport
import Testing

@Suite("Files")
struct FileTests {
    @Test("no link in a folder leads out of it")
    func confined() throws {
        let scratch = Scratch("files")
        try scratch.write("outside", "secret")
        try scratch.write("root/inside", "mine")
        try scratch.write("root/etc/outside", "the root's own")
        symlink("/etc/outside", "\(scratch.path)/root/absolute")
        symlink("../outside", "\(scratch.path)/root/up")
        symlink("inside", "\(scratch.path)/root/plain")
        let root = try File.open("\(scratch.path)/root", flags: File.folder)
        for name in ["absolute", "up", "../outside", "/etc/passwd"] {
            let error = #expect(throws: SyscallError.self, "\(name)") { _ = try File.openBeneath(root.raw, name) }
            #expect(error?.errno == EXDEV, "\(name): \(String(describing: error))")
        }
        let plain = try File.openBeneath(root.raw, "plain")
        #expect(try File.readAll(fd: plain.raw) == Array("mine".utf8))
        #expect(throws: SyscallError.self) { _ = try File.openBeneath(root.raw, "plain", followLinks: false) }
        // In the root, an absolute link means the root's own file.
        let absolute = try File.openInRoot(root.raw, "absolute")
        #expect(try File.readAll(fd: absolute.raw) == Array("the root's own".utf8))
        #expect(throws: SyscallError.self) { _ = try File.openInRoot(root.raw, "up") }
    }

    @Test("are written whole or not at all")
    func atomic() throws {
        let scratch = Scratch("files")
        let path = "\(scratch.path)/a"
        try File.writeAtomically(path, Array("one".utf8), mode: 0o640)
        try File.writeAtomically(path, Array("two".utf8), mode: 0o640, durable: true)
        #expect(try File.text(path) == "two")
        #expect(try File.status(path).mode & 0o777 == 0o640)
        #expect(try File.list(scratch.path) == ["a"])
        try File.makeDirectory("\(scratch.path)/folder")
        #expect(throws: SyscallError.self) { try File.writeAtomically("\(scratch.path)/folder", [1]) }
        #expect(try File.list(scratch.path).sorted() == ["a", "folder"], "a failure leaves no temporary file")
    }

    @Test("a tree goes with its links, never through them")
    func removal() throws {
        let scratch = Scratch("files")
        try scratch.write("kept/file", "x")
        try scratch.write("tree/a/b/c", "x")
        symlink("\(scratch.path)/kept", "\(scratch.path)/tree/a/link")
        try File.removeTree("\(scratch.path)/tree")
        #expect(!File.exists("\(scratch.path)/tree"))
        #expect(File.exists("\(scratch.path)/kept/file"))
    }

    @Test("a limit on reading holds")
    func bounded() throws {
        let scratch = Scratch("files")
        try scratch.write("a", String(repeating: "x", count: 5000))
        #expect(throws: SyscallError.self) { _ = try File.readAll("\(scratch.path)/a", limit: 4999) }
        #expect(try File.readAll("\(scratch.path)/a", limit: 5000).count == 5000)
    }

    @Test("errors name the call, the file and the reason")
    func errors() {
        let error = #expect(throws: SyscallError.self) { _ = try File.text("/no/such/file") }
        #expect(error?.call == "open")
        #expect(error?.subject == "/no/such/file")
        #expect(error?.name == "ENOENT")
        #expect(error?.sentence == "no such file or directory")
    }

    @Test("a lock is held by one, and tells the other at once")
    func lock() throws {
        let scratch = Scratch("lock")
        do {
            let first = try FileLock("\(scratch.path)/lock", wait: false)
            try first.write("1234\n")
            let error = #expect(throws: SyscallError.self) { _ = try FileLock("\(scratch.path)/lock", wait: false) }
            #expect(error?.errno == EWOULDBLOCK)
            #expect(try File.text("\(scratch.path)/lock") == "1234\n")
        }
        _ = try FileLock("\(scratch.path)/lock", wait: false)
    }

    @Test("sealed memory cannot be changed")
    func sealed() throws {
        let fd = try Memfd.sealed("plan", [1, 2, 3])
        #expect(try File.readAll(fd: fd.raw) == [1, 2, 3])
        let error = #expect(throws: SyscallError.self) { try File.write(fd.raw, [4]) }
        #expect(error?.errno == EPERM)
        #expect(ftruncate(fd.raw, 0) == -1)
    }
}
