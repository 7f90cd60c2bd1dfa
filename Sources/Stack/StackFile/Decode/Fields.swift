import StackModel
import YAML

/// Typed looks into a mapping. What has the wrong shape is `nil` here: the shape check has told the person already.
struct Fields {
    let mapping: Mapping
    let place: Place

    init?(_ node: Node?) {
        guard let node, let mapping = node.mapping else { return nil }
        self.mapping = mapping
        place = node.place
    }

    subscript(key: String) -> Node? { mapping[key] }
    func place(of key: String) -> Place { mapping.entry(key)?.keyPlace ?? place }
    func valuePlace(of key: String) -> Place { mapping[key]?.place ?? place }

    func text(_ key: String) -> String? {
        guard let scalar = mapping[key]?.scalar, case .string(let text) = scalar.resolved else { return nil }
        return text
    }
    func loose(_ key: String) -> String? { mapping[key]?.scalar.flatMap(Scalars.text) }
    func bool(_ key: String) -> Bool? { mapping[key]?.scalar.flatMap(Scalars.bool) }
    func int(_ key: String) -> Int? { mapping[key]?.scalar.flatMap(Scalars.int) }
    func double(_ key: String) -> Double? { mapping[key]?.scalar.flatMap(Scalars.double) }
    func size(_ key: String) -> Int? {
        guard let scalar = mapping[key]?.scalar else { return nil }
        return try? Scalars.size(scalar)
    }
    func duration(_ key: String) -> Milliseconds? {
        guard let scalar = mapping[key]?.scalar else { return nil }
        return try? Scalars.duration(scalar)
    }
    func fields(_ key: String) -> Fields? { Fields(mapping[key]) }
    func texts(_ key: String) -> [String] { Self.texts(mapping[key]) }
    /// The items of a list, or the one text.
    func items(_ key: String) -> [Node] {
        guard let node = mapping[key], !node.isNull else { return [] }
        return node.sequence ?? [node]
    }

    static func texts(_ node: Node?) -> [String] {
        guard let node else { return [] }
        return (node.sequence ?? [node]).compactMap { $0.scalar.flatMap(Scalars.text) }
    }

    /// A mapping or a list of `KEY=value`; `nil` as a value where there is none.
    func pairs(_ key: String) -> [(key: String, value: String?, place: Place)] {
        guard let node = mapping[key], let pairs = Forms.pairs(node).mapping else { return [] }
        return pairs.entries.map { ($0.key, $0.value.scalar.flatMap(Scalars.text), $0.keyPlace) }
    }

    /// As `pairs`, with empty text where there is no value.
    func dictionary(_ key: String) -> [String: String] {
        var dictionary: [String: String] = [:]
        for pair in pairs(key) { dictionary[pair.key] = pair.value ?? "" }
        return dictionary
    }

    /// The `x-…` keys.
    var extensions: [String: Value] {
        var found: [String: Value] = [:]
        for entry in mapping.entries where entry.key.hasPrefix("x-") { found[entry.key] = Value(entry.value) }
        return found
    }
}

extension Value {
    /// A tree without its places.
    init(_ node: Node) {
        switch node.content {
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: self = .null
            case .bool(let bool): self = .bool(bool)
            case .int(let int): self = .int(int)
            case .double(let double): self = .double(double)
            case .string(let text): self = .string(text)
            }
        case .sequence(let items): self = .list(items.map { Value($0) })
        case .mapping(let mapping):
            var map: [String: Value] = [:]
            for entry in mapping.entries { map[entry.key] = Value(entry.value) }
            self = .map(map)
        }
    }
}
