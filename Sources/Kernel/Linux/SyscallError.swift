import CLinux
import Glibc

/// A system call that failed: which, on what, and the kernel's reason.
public struct SyscallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call as its man page names it.
    public let call: String
    /// What it was applied to: a path, a name, a pid.
    public let subject: String
    public let errno: Int32

    public init(call: String, subject: String, errno: Int32) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// The reason in words, lower-case: "permission denied".
    public var sentence: String { Errno.sentence(errno) }
    /// The reason's symbol: "EACCES".
    public var name: String { Errno.name(errno) }

    public var description: String {
        subject.isEmpty ? "\(call): \(sentence) (\(name))" : "\(call) \"\(subject)\": \(sentence) (\(name))"
    }
}

/// Numbers of errno(3) and their words.
public enum Errno {
    public static func sentence(_ number: Int32) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        let words = String(cString: text)
        return words.prefix(1).lowercased() + words.dropFirst()
    }

    public static func name(_ number: Int32) -> String {
        guard let text = gl_errno_name(number) else { return "errno \(number)" }
        return String(cString: text)
    }
}

/// Runs a call that answers -1 with errno set, again while a signal interrupts it.
/// - Throws: `SyscallError` with what errno held on the line after the call.
@discardableResult
@inline(__always)
public func syscall<Result: FixedWidthInteger>(
    _ call: StaticString, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SyscallError) -> Result {
    while true {
        let result = body()
        let number = gl_errno()
        if result != -1 { return result }
        if number == EINTR { continue }
        throw SyscallError(call: "\(call)", subject: subject(), errno: number)
    }
}
