import Glibc

/// What an engine's kernel objects are named by: eight hexadecimal digits made from its root folder, the same at every start.
struct EngineID: Sendable, Hashable {
    let text: String

    init(root: String) {
        // FNV-1a, 64 bit: short, stable over versions, and nobody's secret depends on it.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in root.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)), radix: 16)
        text = String(repeating: "0", count: 8 - digits.count) + digits
    }
}

enum ContainerID {
    /// 32 random hexadecimal digits: short enough for a socket's path below any run folder.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
