import Linux

/// Who is called what in which network. Pure.
struct NameTable: Sendable, Hashable {
    private var networks: [String: [String: [String: IPv4]]] = [:]
    private var reverse: [String: [IPv4: String]] = [:]
    private var memberships: [String: [String]] = [:]

    init() {}

    /// - Parameter ready: containers that are answered with; the others' names exist all the same.
    init(_ attachments: [String: Attachment], ready: Set<String>) {
        for attachment in attachments.values {
            memberships[attachment.container] = attachment.endpoints.map(\.network)
            for endpoint in attachment.endpoints {
                for name in endpoint.names {
                    let name = name.lowercased()
                    // 0.0.0.0: the name exists, and nobody who is ready has it.
                    let address = ready.contains(attachment.container) ? endpoint.address : IPv4(0)
                    networks[endpoint.network, default: [:]][name, default: [:]][attachment.container] = address
                }
                reverse[endpoint.network, default: [:]][endpoint.address] = endpoint.names.first
            }
        }
    }

    /// Addresses of a name as this container may see it, sorted; nil when there is no such name in its networks.
    func addresses(_ name: String, for container: String) -> [IPv4]? {
        var found: Set<IPv4>?
        for network in memberships[container] ?? [] {
            for known in Self.forms(of: name, in: network) {
                if let some = networks[network]?[known] { found = (found ?? []).union(some.values.filter { $0.value != 0 }) }
            }
        }
        return found.map { $0.sorted() }
    }

    /// A name may be followed by the network's: `db.web_default`.
    private static func forms(of name: String, in network: String) -> [String] {
        let suffix = ".\(network.lowercased())"
        return name.hasSuffix(suffix) ? [name, String(name.dropLast(suffix.count))] : [name]
    }

    /// The name of an address in a network of this container's, with the network's after it.
    func name(of address: IPv4, for container: String) -> String? {
        for network in memberships[container] ?? [] {
            if let name = reverse[network]?[address] { return "\(name).\(network)" }
        }
        return nil
    }

    /// What to answer; nil: it is not ours to say, and others are asked.
    func answer(_ query: DNSQuery, for container: String, turn: Int) -> DNSAnswer? {
        guard query.klass == 1 else { return nil }
        if query.type == DNSQuery.ptr {
            guard let address = Self.reversed(query.name), let name = name(of: address, for: container) else { return nil }
            return DNSAnswer(code: .noError, names: [name])
        }
        guard let found = addresses(query.name, for: container) else { return nil }
        // The name is ours: another type of it has no records, and nobody else may say otherwise.
        guard query.type == DNSQuery.a || query.type == DNSQuery.any, !found.isEmpty else { return DNSAnswer(code: .noError) }
        let first = turn % found.count
        return DNSAnswer(code: .noError, addresses: Array(found[first...] + found[..<first]))
    }

    /// `4.3.2.1.in-addr.arpa`
    private static func reversed(_ name: String) -> IPv4? {
        guard name.hasSuffix(".in-addr.arpa") else { return nil }
        return IPv4(name.dropLast(13).split(separator: ".").reversed().joined(separator: "."))
    }
}
