import Linux

/// A DNS query as far as it matters here, and answers to it (RFC 1035, RFC 6891). Whatever comes is checked; nothing here traps.
struct DNSQuery: Sendable, Hashable {
    var id: UInt16
    var recursionDesired: Bool
    /// Lower case, without the last dot.
    var name: String
    var type: UInt16
    var klass: UInt16
    /// The question as it came, to be repeated in the answer.
    var question: [UInt8]
    /// How many bytes the asker takes over UDP.
    var payloadSize: Int
    var hasEDNS: Bool

    enum Problem: Error { case notAQuery, malformed(id: UInt16) }

    /// - Throws: `.notAQuery` for what deserves no answer at all.
    init(_ bytes: [UInt8]) throws(Problem) {
        guard bytes.count >= 12 else { throw .notAQuery }
        id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard bytes[2] & 0x80 == 0 else { throw .notAQuery }
        recursionDesired = bytes[2] & 1 != 0
        guard bytes[2] >> 3 & 15 == 0, bytes[4] == 0, bytes[5] == 1 else { throw .malformed(id: id) }
        var labels: [String] = []
        var at = 12
        while true {
            guard at < bytes.count else { throw .malformed(id: id) }
            let length = Int(bytes[at])
            if length == 0 { break }
            // Compression has no place in a question's only name.
            guard length < 64, at + 1 + length <= bytes.count, at < 12 + 255 else { throw .malformed(id: id) }
            labels.append(String(decoding: bytes[(at + 1)...(at + length)], as: UTF8.self).lowercased())
            at += 1 + length
        }
        guard at + 5 <= bytes.count else { throw .malformed(id: id) }
        name = labels.joined(separator: ".")
        type = UInt16(bytes[at + 1]) << 8 | UInt16(bytes[at + 2])
        klass = UInt16(bytes[at + 3]) << 8 | UInt16(bytes[at + 4])
        question = Array(bytes[12..<(at + 5)])
        let rest = at + 5
        // The OPT record, where it is the first additional one and stands alone: root name, type 41, class: the payload size.
        hasEDNS = bytes.count >= rest + 11 && bytes[rest] == 0 && bytes[rest + 1] == 0 && bytes[rest + 2] == 41
        payloadSize = hasEDNS ? max(512, Int(bytes[rest + 3]) << 8 | Int(bytes[rest + 4])) : 512
    }

    static let a: UInt16 = 1
    static let ptr: UInt16 = 12
    static let aaaa: UInt16 = 28
    static let any: UInt16 = 255
}

struct DNSAnswer: Sendable, Hashable {
    enum Code: UInt8, Sendable { case noError = 0, formatError = 1, serverFailure = 2, nameError = 3, notImplemented = 4, refused = 5 }
    var code: Code
    var addresses: [IPv4] = []
    /// For PTR.
    var names: [String] = []
    /// Seconds; short, as containers come and go.
    static let lifetime: UInt32 = 5

    func bytes(to query: DNSQuery, limit: Int) -> [UInt8] {
        let records = addresses.map { Self.record(1, $0.bytes) } + names.compactMap(Self.encode).map { Self.record(12, $0) }
        var out = Self.header(query.id, recursionDesired: query.recursionDesired, code: code)
        out[5] = 1
        out += query.question
        let edns: [UInt8] = query.hasEDNS ? [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0] : []
        var count = 0
        for record in records {
            if out.count + record.count + edns.count > limit {
                out[2] |= 2  // truncated: ask again over TCP
                break
            }
            out += record
            count += 1
        }
        out[6] = UInt8(truncatingIfNeeded: count >> 8)
        out[7] = UInt8(truncatingIfNeeded: count)
        if !edns.isEmpty { out[11] = 1 }
        return out + edns
    }

    /// An answer to what could not be understood.
    static func formatError(_ id: UInt16) -> [UInt8] { header(id, recursionDesired: false, code: .formatError) }

    private static func header(_ id: UInt16, recursionDesired: Bool, code: Code) -> [UInt8] {
        [UInt8(id >> 8), UInt8(id & 0xff), 0x84 | (recursionDesired ? 1 : 0), 0x80 | code.rawValue, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    /// The name is a pointer to the question's.
    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        let ttl = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: Self.lifetime >> $0) }
        return [0xc0, 12, 0, type, 0, 1] + ttl + [UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content
    }

    private static func encode(_ name: String) -> [UInt8]? {
        var out: [UInt8] = []
        for label in name.split(separator: ".") {
            guard (1...63).contains(label.utf8.count) else { return nil }
            out += [UInt8(label.utf8.count)] + Array(label.utf8)
        }
        return out.count < 255 ? out + [0] : nil
    }
}
