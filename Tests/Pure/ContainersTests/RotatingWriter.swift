import Containers
import Glibc
import Synchronization

/// Writes log lines and rotates as the shim does: closes, renames from the oldest on, opens a new file.
final class RotatingWriter: Sendable {
    private let path: String
    private let linesEach: Int
    private let files: Int

    init(_ folder: String, linesEach: Int, files: Int) throws {
        path = "\(folder)/container.log"
        self.linesEach = linesEach
        self.files = files
    }

    func write(_ count: Int, then live: Flag) async throws {
        defer { live.value = false }
        var fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(fd) }
        for number in 0..<count {
            let text = "\(LogTime.text(Int64(number) * 1000)) stdout F line \(number)\n"
            // In two writes, so that readers also meet half a line.
            for piece in [text.prefix(20), text.dropFirst(20)] { _ = piece.withContiguousStorage { Glibc.write(fd, $0.baseAddress, $0.count) } }
            if number % linesEach == linesEach - 1 {
                close(fd)
                for old in stride(from: files - 1, through: 1, by: -1) {
                    rename(old == 1 ? path : "\(path).\(old - 1)", "\(path).\(old)")
                }
                fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            }
            if number % 10 == 0 { await Task.yield() }
        }
    }
}

extension Substring {
    fileprivate func withContiguousStorage<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        Array(utf8).withUnsafeBufferPointer(body)
    }
}

final class Flag: Sendable {
    private let state: Atomic<Bool>
    init(_ value: Bool) { state = Atomic(value) }
    var value: Bool {
        get { state.load(ordering: .sequentiallyConsistent) }
        set { state.store(newValue, ordering: .sequentiallyConsistent) }
    }
}

/// Numbers that are the same in every run (an xorshift generator).
struct Numbers {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }
}
