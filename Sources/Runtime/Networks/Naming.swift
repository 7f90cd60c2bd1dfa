import Linux

/// Names of kernel objects. Fifteen bytes are all a link's name may have, so it carries the beginning of the engine's id and a hash;

/// the alias of a link carries the whole id, and nothing is removed that does not have it.
struct Naming: Sendable, Hashable {
    let engine: String

    var table: String { "gantry_\(engine)" }
    /// What our bridges' names begin with.
    var bridgePrefix: String { "g\(engine.prefix(4))b" }

    func bridge(_ network: String) -> String { bridgePrefix + Self.hash("\(engine) \(network)") }
    func veth(_ container: String, _ network: String) -> String { "g\(engine.prefix(4))v" + Self.hash("\(engine) \(container) \(network)") }
    func alias(_ what: String) -> String { "\(table) \(what)" }
    func owns(alias: String?) -> Bool { alias?.hasPrefix("\(table) ") ?? false }

    /// FNV-1a, 32 bits, eight digits.
    static func hash(_ text: String) -> String {
        var hash: UInt32 = 0x811c_9dc5
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// A locally administered MAC address made from the IPv4 address, as Docker does: no two in a network are equal.
    static func mac(_ address: IPv4) -> String {
        ([0x02, 0x42] + address.bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined(separator: ":")
    }

    static func bytes(mac: String) -> [UInt8]? {
        let parts = mac.split(separator: ":", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { $0.count <= 2 ? UInt8($0, radix: 16) : nil }
        return parts.count == 6 && bytes.count == 6 ? bytes : nil
    }
}
