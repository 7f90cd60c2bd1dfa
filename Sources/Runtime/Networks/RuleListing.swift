import FoundationEssentials

/// What the kernel has of our table, as far as it is compared: how many rules each chain has, and the elements of sets and maps.
struct RuleListing: Sendable, Hashable {
    var rules: [String: Int] = [:]
    var elements: [String: Set<String>] = [:]

    /// Reads nft's JSON (libnftables-json(5)).
    init?(json: String) {
        guard let root = try? JSONDecoder().decode(Root.self, from: Data(json.utf8)) else { return nil }
        for object in root.nftables {
            if let chain = object.chain { rules[chain.name] = rules[chain.name] ?? 0 }
            if let rule = object.rule { rules[rule.chain, default: 0] += 1 }
            for set in [object.set, object.map].compactMap({ $0 }) {
                elements[set.name] = Set((set.elem ?? []).map { $0.flat.joined(separator: " ") })
            }
        }
    }

    /// What differs from the layout, as sentences.
    func drift(from layout: NetworkLayout) -> [String] {
        var drift: [String] = []
        for (chain, count) in NetworkLayout.chains.sorted(by: { $0.key < $1.key }) {
            guard let found = rules[chain] else {
                drift.append("chain \(chain) of the rule table is missing")
                continue
            }
            if found != count { drift.append("chain \(chain) of the rule table has \(found) rules instead of \(count)") }
        }
        for (set, wanted) in layout.elements.sorted(by: { $0.key < $1.key }) {
            let wanted = Set(wanted.map(Self.flat))
            let found = elements[set] ?? []
            let missing = wanted.subtracting(found)
            let foreign = found.subtracting(wanted)
            if !missing.isEmpty { drift.append("\(missing.count) of \(wanted.count) entries of \(set) are missing from the rule table") }
            if !foreign.isEmpty { drift.append("\(set) of the rule table has \(foreign.count) entries that are not ours") }
        }
        return drift
    }

    /// An element in nft's language as the JSON reader flattens it.
    private static func flat(_ element: String) -> String {
        element.split { " :/\"".contains($0) }.filter { $0 != "." }.joined(separator: " ")
    }

    private struct Root: Decodable { var nftables: [Object] }
    private struct Object: Decodable {
        var chain: Named?
        var rule: Rule?
        var set: Elements?
        var map: Elements?
    }
    private struct Named: Decodable { var name: String }
    private struct Rule: Decodable { var chain: String }
    private struct Elements: Decodable {
        var name: String
        var elem: [Scalar]?
    }
    /// Any JSON, of which the scalars matter in their order.
    private struct Scalar: Decodable {
        var flat: [String]
        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if let text = try? single.decode(String.self) {
                flat = [text]
            } else if let number = try? single.decode(Int.self) {
                flat = ["\(number)"]
            } else if let list = try? single.decode([Scalar].self) {
                flat = list.flatMap(\.flat)
            } else {
                let map = try single.decode([String: Scalar].self)
                // {"concat": […]}, {"prefix": {"addr": …, "len": …}}, {"elem": {"val": …}}
                flat = ["concat", "prefix", "addr", "len", "elem", "val"].flatMap { map[$0]?.flat ?? [] }
            }
        }
    }
}
