import YAML

/// Lays one tree over another.
enum Merging {
    /// - Parameter path: where the two stand; names of the user's choice on the second level count as `*`.
    static func merge(_ base: Node, _ over: Node, path: [String] = []) -> Node {
        if over.directive == .override || over.directive == .reset || base.directive == .reset { return over }
        if over.isNull { return base }
        if base.isNull { return over }
        switch MergeRule.of(path) {
        case .replace: return over
        case .deep: return deep(base, over, path: path)
        case .long(let form): return deep(form(base), form(over), path: path)
        case .unique(let form, let key): return unique(form(base), form(over), key: key)
        case .logging:
            let one = base["driver"]?.scalar?.text
            let other = over["driver"]?.scalar?.text
            guard one == other || one == nil || other == nil else { return over }
            return deep(base, over, path: path)
        }
    }

    private static func deep(_ base: Node, _ over: Node, path: [String]) -> Node {
        if let left = base.mapping, let right = over.mapping {
            var merged = left
            for entry in right.entries {
                guard let old = left[entry.key] else {
                    merged.set(entry)
                    continue
                }
                let step = path.count == 1 ? "*" : entry.key
                merged.set(Entry(key: entry.key, keyPlace: entry.keyPlace, value: merge(old, entry.value, path: path + [step])))
            }
            return Node(mapping: merged, at: over.place, directive: base.directive)
        }
        if let left = base.sequence, let right = over.sequence {
            return Node(sequence: left + right, at: over.place, directive: base.directive)
        }
        return over
    }

    private static func unique(_ base: Node, _ over: Node, key: (Node) -> String?) -> Node {
        guard let left = base.sequence, let right = over.sequence else { return over }
        return Node(sequence: keepLast(left + right, key: key), at: over.place, directive: base.directive)
    }

    /// Of items with the same key the last one, in the position of the first.
    static func keepLast(_ items: [Node], key: (Node) -> String?) -> [Node] {
        var kept: [Node] = []
        var positions: [String: Int] = [:]
        for item in items {
            guard let name = key(item) else {
                kept.append(item)
                continue
            }
            if let position = positions[name] {
                kept[position] = item
            } else {
                positions[name] = kept.count
                kept.append(item)
            }
        }
        return kept
    }

    /// The tree without what `!reset` takes back.
    static func withoutResets(_ node: Node) -> Node? {
        if node.directive == .reset { return nil }
        var copy = node
        switch node.content {
        case .scalar: return node
        case .sequence(let items): copy.content = .sequence(items.compactMap(withoutResets))
        case .mapping(let mapping):
            var kept = Mapping()
            for entry in mapping.entries {
                guard let value = withoutResets(entry.value) else { continue }
                kept.set(Entry(key: entry.key, keyPlace: entry.keyPlace, value: value))
            }
            copy.content = .mapping(kept)
        }
        return copy
    }
}
