import YAML

/// Holds a tree against the tables: wrong kinds of values, unknown and missing keys, keys that are not served.
struct ShapeCheck {
    let report: Report
    /// Variables were left as they are: a text with one in it may become anything.
    var isLenient = false

    func check(_ root: Node) {
        guard root.mapping != nil else {
            report.error("a stack file is a mapping with \"services\", not \(kind(root))", at: root.place)
            return
        }
        check(root, .object(Tables.root), name: "the file", quiet: false)
    }

    /// - Parameter quiet: below a key that is not served; its parts are checked but not warned about again.
    func check(_ node: Node, _ shape: Shape, name: String, quiet: Bool) {
        if node.directive == .reset || report.isFull { return }
        if isLenient, let text = node.scalar?.text, text.contains("$") { return }
        switch shape {
        case .anything: return
        case .optional(let inner):
            if !node.isNull { check(node, inner, name: name, quiet: quiet) }
        case .either(let shapes): checkEither(node, shapes, name: name, quiet: quiet)
        case .list(let inner):
            guard let items = node.sequence else { return mismatch(node, shape, name) }
            for item in items { check(item, inner, name: itemName(name), quiet: quiet) }
        case .map(let inner):
            guard let mapping = node.mapping else { return mismatch(node, shape, name) }
            for entry in mapping.entries where !(entry.key.hasPrefix("x-") && isObject(inner)) {
                check(entry.value, inner, name: entryName(entry.key, inner), quiet: quiet)
            }
        case .object(let table): checkObject(node, table, name: name, quiet: quiet)
        case .text, .loose, .integer, .number, .boolean, .size, .duration, .choice:
            guard let scalar = node.scalar else { return mismatch(node, shape, name) }
            checkScalar(scalar, shape, node, name)
        }
    }

    private func itemName(_ name: String) -> String { name.hasPrefix("an item of ") ? name : "an item of \(name)" }

    /// `service "web"` for what has a name of the user's choice, `"key"` for the rest.
    private func entryName(_ key: String, _ shape: Shape) -> String {
        switch shape {
        case .object(let table) where Self.kinds.contains(table.name): return "\(table.name) \"\(key)\""
        case .optional(let inner): return entryName(key, inner)
        default: return "\"\(key)\""
        }
    }

    private static let kinds: Set<String> = ["service", "network", "volume", "secret", "config"]

    private func isObject(_ shape: Shape) -> Bool {
        switch shape {
        case .object: return true
        case .optional(let inner): return isObject(inner)
        default: return false
        }
    }

    private func checkEither(_ node: Node, _ shapes: [Shape], name: String, quiet: Bool) {
        guard let fitting = shapes.first(where: { fits(node, $0) }) else { return mismatch(node, .either(shapes), name) }
        check(node, fitting, name: name, quiet: quiet)
    }

    /// Whether the kind of the node is the shape's; of two scalar shapes the first that takes its text.
    private func fits(_ node: Node, _ shape: Shape) -> Bool {
        switch shape {
        case .list: return node.sequence != nil
        case .map, .object: return node.mapping != nil
        case .either(let shapes): return shapes.contains { fits(node, $0) }
        case .optional(let inner): return node.isNull || fits(node, inner)
        case .anything: return true
        case .integer: return node.scalar.map { Scalars.int($0) != nil } ?? false
        case .text, .loose, .number, .boolean, .size, .duration, .choice: return node.scalar != nil && !node.isNull
        }
    }

    private func checkObject(_ node: Node, _ table: Table, name: String, quiet: Bool) {
        guard let mapping = node.mapping else { return mismatch(node, .object(table), name) }
        for entry in mapping.entries {
            if report.isFull { return }
            if table.isOpen, entry.key.hasPrefix("x-") { continue }
            guard let attribute = table[entry.key] else {
                unknown(entry, table, name)
                continue
            }
            if entry.value.directive == .reset { continue }
            if !quiet { mention(attribute, entry, in: name) }
            check(entry.value, attribute.shape, name: "\"\(entry.key)\"", quiet: quiet || attribute.support != .served)
        }
        for key in table.required where mapping[key] == nil {
            report.error("\(name) needs \"\(key)\"", at: node.place)
        }
    }

    private func unknown(_ entry: Entry, _ table: Table, _ name: String) {
        let place = name == "the file" ? "at the top level" : "in \(name)"
        let near = NearestName.find(entry.key, among: table.names)
        let hint: String
        if let near {
            hint = "did you mean \"\(near)\"?"
        } else if name == "the file", Tables.service[entry.key] != nil {
            hint = "it belongs in a service, below \"services\""
        } else {
            hint = table.isOpen ? "keys of your own start with \"x-\"" : "known here: \(table.names.joined(separator: ", "))"
        }
        report.error("unknown key \"\(entry.key)\" \(place)", at: entry.keyPlace, hint: hint)
    }

    private func mention(_ attribute: Attribute, _ entry: Entry, in name: String) {
        switch attribute.support {
        case .served: return
        case .later: report.warning("\"\(entry.key)\" is not served yet and has no effect", at: entry.keyPlace)
        case .inert(let reason): report.warning("\"\(entry.key)\" has no effect here: \(reason)", at: entry.keyPlace)
        case .obsolete(let advice): report.warning("\"\(entry.key)\" is obsolete: \(advice)", at: entry.keyPlace)
        }
    }

    func mismatch(_ node: Node, _ shape: Shape, _ name: String) {
        var hint: String?
        if node.isNull { hint = "give it a value, or remove the key" }
        report.error("\(name) must be \(shape.words), not \(kind(node))", at: node.place, hint: hint)
    }

    func kind(_ node: Node) -> String {
        switch node.content {
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: return "nothing"
            case .bool(let bool): return bool ? "true" : "false"
            case .int, .double: return "the number \(scalar.text)"
            case .string(let text): return text.isEmpty ? "an empty text" : "\"\(text.prefix(60))\""
            }
        }
    }
}
