import FoundationEssentials
import Glibc
import Synchronization

/// A folder for one test, removed with it.
public final class Scratch: Sendable {
    public let path: String

    public init(_ name: String = "test") {
        path = "/tmp/gantry-test-\(getpid())-\(name)-\(UInt32.random(in: 0..<UInt32.max))"
        mkdir(path, 0o700)
        Self.atEnd.withLock { $0.insert(path) }
        _ = Self.sweep
    }

    /// Folders that are still there when the program ends: those of global values, which nothing deinitialises.
    private static let atEnd = Mutex<Set<String>>([])
    private static let sweep: Int32 = atexit {
        for path in Scratch.atEnd.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    public func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)]), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
        chmod(file, mode)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        Self.atEnd.withLock { _ = $0.remove(path) }
    }
}

/// Checks until it holds or the time is up; generous, because machines are busy.
public func eventually(_ seconds: Double = 20, _ check: () throws -> Bool) rethrows -> Bool {
    let end = Date().timeIntervalSince1970 + seconds
    while true {
        if try check() { return true }
        if Date().timeIntervalSince1970 > end { return false }
        usleep(10_000)
    }
}

public enum Machine {
    public static var isRoot: Bool { geteuid() == 0 }
    public static let busybox = "/bin/busybox"
    public static var hasBusybox: Bool { access(busybox, X_OK) == 0 }
    /// Kernel tests run as root with a static payload.
    public static var canRunContainers: Bool { isRoot && hasBusybox }

    /// The folder of the running test program, where SwiftPM puts the other products too.
    public static var products: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer[0..<max(0, count)].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }

    /// A root filesystem with busybox and its usual names.
    public static func busyboxRoot(at path: String) throws {
        for folder in ["bin", "etc", "tmp", "proc", "sys", "dev", "var", "root"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(atPath: busybox, toPath: "\(path)/bin/busybox")
        for name in [
            "sh", "cat", "echo", "sleep", "ls", "id", "true", "false", "mount", "hostname", "touch", "kill", "ps", "grep", "head", "nc",
            "wget", "httpd", "seq", "tty", "stty", "env", "mkdir", "nslookup", "ip", "trap", "test", "unshare", "readlink", "yes", "dd", "od",
        ] { symlink("busybox", "\(path)/bin/\(name)") }
        try Data("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home:/bin/sh\n".utf8).write(to: URL(filePath: "\(path)/etc/passwd"))
        try Data("root:x:0:\napp:x:1000:\nextra:x:2000:app\n".utf8).write(to: URL(filePath: "\(path)/etc/group"))
    }
}

extension String {
    public init(file path: String) {
        self = (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
