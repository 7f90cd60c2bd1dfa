import Linux

/// What the kernel is meant to have for all networks and containers of an engine: links and rules. Pure; a first creation and a
/// repair both bring the kernel to it.
struct NetworkLayout: Sendable, Hashable {
    let naming: Naming
    var networks: [String: NetworkRecord]
    var attachments: [String: Attachment]

    var isEmpty: Bool { networks.isEmpty && attachments.isEmpty }

    /// Names of the links that shall exist on the host.
    var linkNames: Set<String> {
        Set(networks.values.map(\.bridge)).union(attachments.values.flatMap { $0.endpoints.map(\.veth) })
    }

    // MARK: elements of sets and maps

    /// Set or map → elements in nft's language.
    var elements: [String: [String]] {
        var all: [String: [String]] = ["bridges": [], "internal": [], "same": [], "selves": [], "subnets": [], "ports": [], "ports_at": []]
        for network in networks.values { merge(elements(of: network), into: &all) }
        for attachment in attachments.values { merge(elements(of: attachment), into: &all) }
        return all.mapValues { $0.sorted() }
    }

    private func merge(_ some: [String: [String]], into all: inout [String: [String]]) {
        for (set, elements) in some { all[set, default: []] += elements }
    }

    func elements(of network: NetworkRecord) -> [String: [String]] {
        let name = "\"\(network.bridge)\""
        var elements = ["bridges": [name], "same": ["\(name) . \(name)"]]
        if network.isInternal { elements["internal"] = [name] } else { elements["subnets"] = ["\(network.subnet)"] }
        return elements
    }

    func elements(of attachment: Attachment) -> [String: [String]] {
        guard let target = attachment.target else { return [:] }
        var elements: [String: [String]] = attachment.ports.isEmpty ? [:] : ["selves": ["\(target) . \(target)"]]
        for port in attachment.ports {
            let end = "\(target) . \(port.containerPort)"
            if let ip = port.hostIP {
                if IPv4(ip) != nil { elements["ports_at", default: []].append("\(ip) . \(port.proto.rawValue) . \(port.hostPort) : \(end)") }
            } else {
                elements["ports", default: []].append("\(port.proto.rawValue) . \(port.hostPort) : \(end)")
            }
        }
        return elements
    }

    // MARK: the table

    /// Makes the whole table anew in one transaction; connections that are under way are not touched.
    var table: String {
        let name = naming.table
        let elements = elements
        func content(_ set: String) -> String {
            let some = elements[set] ?? []
            return some.isEmpty ? "" : " elements = { \(some.joined(separator: ", ")) }"
        }
        // From outside nobody reaches a port that is published on 127.0.0.1: rules come before the check of such addresses, which
        // routing does (moby issue 45610).
        let outside = """
                    ip daddr 127.0.0.0/8 accept
            """
        let dnat = """
                    meta nfproto ipv4 fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @ports_at
                    meta nfproto ipv4 fib daddr type local dnat ip to meta l4proto . th dport map @ports
            """
        return """
            add table inet \(name)
            delete table inet \(name)
            table inet \(name) {
                set bridges { type ifname;\(content("bridges")) }
                set internal { type ifname;\(content("internal")) }
                set same { type ifname . ifname;\(content("same")) }
                set selves { type ipv4_addr . ipv4_addr;\(content("selves")) }
                set subnets { type ipv4_addr; flags interval;\(content("subnets")) }
                map ports { type inet_proto . inet_service : ipv4_addr . inet_service;\(content("ports")) }
                map ports_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;\(content("ports_at")) }
                chain guard {
                    type filter hook prerouting priority raw; policy accept;
                    iifname @bridges ip daddr 127.0.0.0/8 drop
                }
                chain prerouting {
                    type nat hook prerouting priority dstnat; policy accept;
            \(outside)
            \(dnat)
                }
                chain output {
                    type nat hook output priority -100; policy accept;
            \(dnat)
                }
                chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr @subnets oifname != @bridges masquerade
                    ct status dnat oifname @bridges ip saddr 127.0.0.0/8 masquerade
                    ct status dnat iifname . oifname @same masquerade
                    ct status dnat ip saddr . ip daddr @selves masquerade
                }
                chain forward {
                    type filter hook forward priority filter; policy accept;
                    ct state established,related accept
                    iifname . oifname @same accept
                    iifname @internal drop
                    oifname @internal drop
                    ct status dnat accept
                    oifname @bridges drop
                }
            }

            """
    }

    /// Chains that the table has, with the number of their rules.
    static let chains = ["guard": 1, "prerouting": 3, "output": 2, "postrouting": 4, "forward": 6]
}
