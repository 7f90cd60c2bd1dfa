/// Textual checks of IP addresses and networks (RFC 4291 section 2.2 for IPv6).
enum Address {
    static func isIPv4(_ text: String) -> Bool { v4(text) != nil }
    static func isIPv6(_ text: String) -> Bool { v6(text) != nil }

    /// Six pairs of hexadecimal digits.
    static func isHardware(_ text: String) -> Bool {
        let pairs = text.split(separator: text.contains("-") ? "-" : ":", omittingEmptySubsequences: false)
        return pairs.count == 6 && pairs.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
    }

    /// Whether an address lies in a network given as `10.1.0.0/16`; `nil`: one of them cannot be read.
    static func contains(_ network: String, _ address: String) -> Bool? {
        let halves = network.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, let prefix = Int(halves[1]), prefix >= 0 else { return nil }
        guard let base = bytes(halves[0]), let own = bytes(address) else { return nil }
        guard base.count == own.count else { return false }
        guard prefix <= base.count * 8 else { return nil }
        for bit in 0..<prefix {
            let mask: UInt8 = 0x80 >> UInt8(bit % 8)
            if base[bit / 8] & mask != own[bit / 8] & mask { return false }
        }
        return true
    }

    static func isNetwork(_ text: String) -> Bool {
        guard let slash = text.firstIndex(of: "/") else { return false }
        return contains(text, String(text[..<slash])) != nil
    }

    private static func bytes(_ text: String) -> [UInt8]? { v4(text) ?? v6(text) }

    private static func v4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.count <= 3, part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let byte = UInt8(part) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func v6(_ text: String) -> [UInt8]? {
        guard text.contains(":") else { return nil }
        // A zone such as %eth0 is part of how an address is used, not of the address.
        let address = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
        var halves: [String] = []
        if let gap = firstGap(address) {
            halves = [String(address[..<gap]), String(address[address.index(gap, offsetBy: 2)...])]
        } else {
            halves = [address]
        }
        guard let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func firstGap(_ text: String) -> String.Index? {
        var previous: String.Index?
        for index in text.indices where text[index] == ":" {
            if let previous, text.index(after: previous) == index { return previous }
            previous = index
        }
        return nil
    }

    private static func groups(_ text: String) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if part.contains("."), index == parts.count - 1 {
                guard let last = v4(String(part)) else { return nil }
                bytes += last
                continue
            }
            guard !part.isEmpty, part.count <= 4, part.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }), let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
