import CLinux
import Glibc

/// A file descriptor with one owner, closed when the owner goes.
public struct OwnedFD: ~Copyable, Sendable {
    private let number: Int32

    /// Takes over `raw`, which nobody else may close.
    public init(_ raw: Int32) { number = raw }

    /// The number, for calls; it stays owned here.
    public var raw: Int32 { number }

    /// Gives up ownership: the caller must close it.
    public consuming func take() -> Int32 {
        let raw = number
        discard self
        return raw
    }

    deinit { _ = Glibc.close(number) }
}

/// A descriptor shared by several values, closed when the last goes.
public final class SharedFD: Sendable {
    public let raw: Int32
    public init(_ raw: Int32) { self.raw = raw }
    deinit { _ = Glibc.close(raw) }
}
