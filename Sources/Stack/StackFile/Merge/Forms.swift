import YAML

/// Short forms turned into the long ones that merge.
enum Forms {
    /// `- KEY=value` and `- KEY` as a mapping; later ones win.
    static func pairs(_ node: Node) -> Node {
        guard let items = node.sequence else { return node }
        var mapping = Mapping()
        for item in items {
            guard let text = item.scalar.flatMap(Scalars.text) else { continue }
            let (key, value) = split(text)
            let scalar = value.map { Scalar(text: $0, style: .quoted) } ?? Scalar(text: "", style: .plain)
            mapping.set(Entry(key: key, keyPlace: item.place, value: Node(scalar: scalar, at: item.place)))
        }
        return Node(mapping: mapping, at: node.place, directive: node.directive)
    }

    static func split(_ text: String) -> (key: String, value: String?) {
        guard let equals = text.firstIndex(of: "=") else { return (text, nil) }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// A text as a list with one item.
    static func list(_ node: Node) -> Node {
        guard node.scalar != nil, !node.isNull else { return node }
        return Node(sequence: [plain(node)], at: node.place, directive: node.directive)
    }

    private static func plain(_ node: Node) -> Node {
        var copy = node
        copy.directive = nil
        return copy
    }

    /// A list of names as a mapping from them to `value`.
    static func keyed(_ node: Node, value: (Node) -> Node) -> Node {
        guard let items = node.sequence else { return node }
        var mapping = Mapping()
        for item in items {
            guard let name = item.scalar?.text else { continue }
            mapping.set(Entry(key: name, keyPlace: item.place, value: value(item)))
        }
        return Node(mapping: mapping, at: node.place, directive: node.directive)
    }

    static func null(at place: Place) -> Node { Node(scalar: Scalar(text: "", style: .plain), at: place) }

    /// `depends_on` as a list: started, nothing more.
    static func dependencies(_ node: Node) -> Node {
        keyed(node) { item in
            var mapping = Mapping()
            mapping.set(Entry(key: "condition", keyPlace: item.place, value: Node(text: "service_started", at: item.place)))
            return Node(mapping: mapping, at: item.place)
        }
    }

    static func networks(_ node: Node) -> Node { keyed(node) { null(at: $0.place) } }

    /// `extra_hosts` as a mapping from names to lists of addresses is a list of `name=address`.
    static func hosts(_ node: Node) -> Node {
        guard let mapping = node.mapping else { return node }
        var items: [Node] = []
        for entry in mapping.entries {
            for address in entry.value.sequence ?? [entry.value] {
                items.append(Node(text: "\(entry.key)=\(address.scalar?.text ?? "")", at: entry.keyPlace))
            }
        }
        return Node(sequence: items, at: node.place, directive: node.directive)
    }

    static func build(_ node: Node) -> Node {
        guard let text = node.scalar?.text else { return node }
        var mapping = Mapping()
        mapping.set(Entry(key: "context", keyPlace: node.place, value: Node(text: text, at: node.place)))
        return Node(mapping: mapping, at: node.place, directive: node.directive)
    }
}
