import FoundationEssentials
import Glibc

/// Where the project's files and built programs are, whatever folder the tests run in.
public enum Repository {
    /// The folder of Package.swift, found from this source file with symbolic links resolved.
    public static let root: String = {
        let path = realpath(#filePath, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        return (path ?? #filePath).split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    }()

    public static var examples: String { "\(root)/examples" }
}

/// The built programs that the scenarios drive.
public enum Programs {
    /// The folder that GANTRY_BIN names, if all three programs are in it.
    public static let folder: String? = {
        guard let folder = ProcessInfo.processInfo.environment["GANTRY_BIN"] else { return nil }
        let isComplete = ["gantry", "gantryd", "gantry-shim"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
        return isComplete ? folder : nil
    }()

    public static var areThere: Bool { folder != nil }
    public static let missing: String = "set GANTRY_BIN to the folder that holds gantry, gantryd and gantry-shim"
    public static var gantry: String { "\(folder ?? "")/gantry" }

    /// Whether a program of this name is in PATH.
    public static func has(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]).contains { access("\($0)/\(name)", X_OK) == 0 }
    }
}

/// Images for tests, made on the spot.
public enum TestImage {
    /// A docker archive of the busybox image that `examples/hello` makes.
    public static func busybox(_ name: String, at path: String) throws {
        let command = try Command.run(
            "/bin/sh", ["-c", "exec \"$0\" > \"$1\"", "\(Repository.examples)/hello/image.sh", path], environment: ["IMAGE_NAME": name])
        guard command.succeeded else { throw Command.NotStarted(description: "image.sh: \(command)") }
    }

    /// A plain tar of a root filesystem with busybox in it.
    public static func rootfs(at path: String) throws {
        let scratch = Scratch("rootfs")
        try Machine.busyboxRoot(at: scratch.path)
        let command = try Command.run("tar", ["--numeric-owner", "--owner=0", "--group=0", "-C", scratch.path, "-cf", path, "."])
        guard command.succeeded else { throw Command.NotStarted(description: "tar: \(command)") }
    }

    /// The guestbook's images, if somebody made them (examples/guestbook/images.sh).
    public static var guestbook: String? {
        let folder = ProcessInfo.processInfo.environment["GANTRY_GUESTBOOK_IMAGES"] ?? "/var/tmp/gantry-guestbook"
        let path = "\(folder)/guestbook.tar"
        return access(path, R_OK) == 0 ? path : nil
    }
}
