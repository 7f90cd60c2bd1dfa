import Linux

/// The host's own resolvers: resolv.conf(5), looked at again when the file changes.
struct Upstream: Sendable {
    private(set) var servers: [Socket.Endpoint] = []
    private var changed: Int64 = -1

    mutating func refresh(_ path: String = "/etc/resolv.conf") {
        let now = (try? File.status(path))?.modifiedNanoseconds ?? 0
        if now == changed { return }
        changed = now
        servers = Self.parse((try? File.text(path)) ?? "")
    }

    static func parse(_ text: String) -> [Socket.Endpoint] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver", let address = IPv4(String(words[1])) else { return nil }
            return Socket.Endpoint(address, 53)
        }
    }
}
