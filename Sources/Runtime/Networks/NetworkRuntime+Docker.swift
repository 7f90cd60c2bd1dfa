import FoundationEssentials
import Linux
import Nftables

/// Living beside Docker: it sets the policy of iptables' FORWARD chain to DROP, which takes every other bridge's traffic along, and
/// with br_netfilter even that between two ports of one bridge. It leaves a chain to users, DOCKER-USER: there ours is accepted; our
/// own table then decides.
extension NetworkRuntime {
    private var comment: String { naming.table }

    func passDocker() throws(NetworkError) {
        if dockerDrift().isEmpty { return }
        forgetDocker()
        // Each goes to the head of the chain: the last first.
        let commands = wantedDockerRules.reversed().map { "insert rule ip filter DOCKER-USER \($0) comment \"\(comment)\"" }
        try ruling("make Docker's rules pass our networks") { () throws(RulesetError) in try rules.run(commands.joined(separator: "\n") + "\n") }
    }

    /// Says so where Docker's rules do not let our networks pass (yet: Docker may be started after us).
    func dockerDrift() -> [String] {
        guard let listing = dockerRules() else { return [] }
        let found = listing.count { $0.comment == comment }
        return found == wantedDockerRules.count ? [] : ["Docker's rules do not let our networks pass"]
    }

    /// What comes from our networks may leave the host, and not enter Docker's networks: accepted here, it would pass Docker's own
    /// isolation. Plain rules only, which iptables can print and save too.
    private var wantedDockerRules: [String] {
        let links = (try? host.links()) ?? []
        let ways = Set(((try? host.routes()) ?? []).filter(\.isDefault).compactMap(\.index))
        let uplinks = links.filter { ways.contains($0.index) }.map(\.name).sorted()
        let named = state.withLock { $0.layout.networks.values.map(\.bridge) }.filter { !$0.hasPrefix(naming.bridgePrefix) }.sorted()
        return (["\(naming.bridgePrefix)*"] + named).flatMap { bridge in
            let out = "iifname \"\(bridge)\""
            return ["oifname \"\(bridge)\" accept"] + uplinks.map { "\(out) oifname \"\($0)\" accept" }
                + ["docker*", "br-*"].map { "\(out) oifname \"\($0)\" return" } + ["\(out) accept"]
        }
    }

    func forgetDocker() {
        for rule in dockerRules() ?? [] where rule.comment == comment {
            _ = try? rules.run("delete rule ip filter DOCKER-USER handle \(rule.handle)")
        }
    }

    /// Sentences about what else on this host drops the traffic of containers.
    public func notes() -> [String] {
        var notes = files.damaged.map { "record \($0) cannot be read: it was put aside, and nothing is swept away until it is removed" }
        if let tables = try? File.text("/proc/net/ip_tables_names"), tables.contains("filter"), File.exists("/sys/class/net/docker0"), dockerRules() == nil {
            notes.append(
                "Docker uses the old iptables here: if containers cannot reach each other, run "
                    + "`iptables-legacy -I DOCKER-USER -i \(naming.bridgePrefix)+ -j ACCEPT` and the same with -o")
        }
        for chain in forwardChains() where chain.policy == "drop" {
            if chain.table == "filter", chain.family == "ip", dockerRules() != nil { continue }
            let place = "\(chain.family) \(chain.table)"
            notes.append(
                "chain \(chain.name) of table \(place) drops forwarded traffic by default: if containers cannot reach others, run "
                    + "`nft insert rule \(place) \(chain.name) iifname \"\(naming.bridgePrefix)*\" accept` and the same with oifname")
        }
        return notes
    }

    private struct Listing: Decodable { var nftables: [Object] }
    private struct Object: Decodable {
        var rule: Rule?
        var chain: Chain?
    }
    struct Rule: Decodable {
        var handle: Int
        var comment: String?
    }
    struct Chain: Decodable {
        var family: String
        var table: String
        var name: String
        var hook: String?
        var policy: String?
    }

    /// Nil when there is no such chain.
    private func dockerRules() -> [Rule]? {
        guard let json = try? rules.json("list chain ip filter DOCKER-USER"),
            let listing = try? JSONDecoder().decode(Listing.self, from: Data(json.utf8))
        else { return nil }
        return listing.nftables.compactMap(\.rule)
    }

    private func forwardChains() -> [Chain] {
        guard let json = try? rules.json("list chains"), let listing = try? JSONDecoder().decode(Listing.self, from: Data(json.utf8)) else { return [] }
        return listing.nftables.compactMap(\.chain).filter { $0.hook == "forward" && $0.family != "bridge" && $0.table != naming.table }
    }
}
