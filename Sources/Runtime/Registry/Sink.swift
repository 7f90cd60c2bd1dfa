import Linux
import OCI

/// Where an answer's body goes. It may come in several tries.
protocol Sink: AnyObject {
    /// How much is there already: the next try may begin here.
    var offset: Int64 { get }
    /// Begins anew: the server sends all of it again.
    func reset()
    /// - Returns: false for what is not wanted (too much).
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool
}

/// A document in memory, with a bound.
final class Document: Sink {
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    init(limit: Int) { self.limit = limit }
    // Small ones are read again from the beginning.
    var offset: Int64 { 0 }
    func reset() { bytes = [] }
    func take(_ more: UnsafeRawBufferPointer) -> Bool {
        bytes += more
        return bytes.count <= limit
    }
}

/// A blob into a file, counted and hashed as it comes; a broken transfer goes on where it stopped.
final class BlobFile: Sink {
    private let fd: Int32
    private let size: Int64
    private var hasher = SHA256()
    private(set) var offset: Int64 = 0
    private(set) var failure: SyscallError?
    private let progress: (Int64) -> Void

    /// - Parameter size: by the manifest; more than that is refused.
    init(fd: Int32, size: Int64, progress: @escaping (Int64) -> Void) {
        self.fd = fd
        self.size = size
        self.progress = progress
    }

    func reset() {
        hasher = SHA256()
        offset = 0
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard offset + Int64(bytes.count) <= size else { return false }
        do throws(SyscallError) {
            try File.write(fd, bytes, at: offset)
        } catch {
            failure = error
            return false
        }
        hasher.update(bytes)
        offset += Int64(bytes.count)
        progress(offset)
        return true
    }

    /// The digest of all that came.
    func finish() -> Digest { Digest(bytes: hasher.finish()) }
    var isWhole: Bool { offset == size }
}
