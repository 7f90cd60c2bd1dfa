import YAML

/// Makes the relative paths of a tree absolute, from the folder its file speaks of.
struct PathAnchoring {
    let base: String
    let home: String?

    func apply(to root: Node) -> Node {
        var copy = root
        guard let mapping = root.mapping else { return root }
        copy.content = .mapping(
            mapping.mapValues { entry in
                switch entry.key {
                case "services": return each(entry.value, service)
                case "secrets", "configs": return each(entry.value) { change($0, "file", path) }
                case "volumes": return each(entry.value, volume)
                default: return entry.value
                }
            })
        return copy
    }

    private func each(_ node: Node, _ change: (Node) -> Node) -> Node {
        guard let mapping = node.mapping else { return node }
        var copy = node
        copy.content = .mapping(mapping.mapValues { change($0.value) })
        return copy
    }

    private func change(_ node: Node, _ key: String, _ change: (Node) -> Node) -> Node {
        guard var mapping = node.mapping, var entry = mapping.entry(key) else { return node }
        entry.value = change(entry.value)
        mapping.set(entry)
        var copy = node
        copy.content = .mapping(mapping)
        return copy
    }

    private func items(_ node: Node, _ change: (Node) -> Node) -> Node {
        guard let items = node.sequence else { return change(node) }
        var copy = node
        copy.content = .sequence(items.map(change))
        return copy
    }

    private func path(_ node: Node) -> Node {
        guard let scalar = node.scalar, case .string(let text) = scalar.resolved, !text.isEmpty else { return node }
        return retext(node, Paths.resolve(text, against: base, home: home))
    }

    private func retext(_ node: Node, _ text: String) -> Node {
        var copy = node
        copy.content = .scalar(Scalar(text: text, style: .quoted))
        return copy
    }

    private func service(_ node: Node) -> Node {
        var copy = change(node, "env_file") { files in
            items(files) { $0.mapping == nil ? path($0) : change($0, "path", path) }
        }
        copy = change(copy, "label_file") { items($0, path) }
        copy = change(copy, "build") { $0.mapping == nil ? context($0) : change($0, "context", context) }
        return change(copy, "volumes") { items($0, mount) }
    }

    /// A build context may be an address of a repository.
    private func context(_ node: Node) -> Node {
        guard let text = node.scalar?.text, !text.contains("://"), !text.hasPrefix("git@"), !text.hasPrefix("github.com/") else { return node }
        return path(node)
    }

    private func mount(_ node: Node) -> Node {
        if let text = node.scalar?.text {
            guard let mount = try? MountText.parse(text), let source = mount.source, mount.isBind else { return node }
            return retext(node, Paths.resolve(source, against: base, home: home) + text.dropFirst(source.count))
        }
        guard node["type"]?.scalar?.text == "bind" else { return node }
        return change(node, "source", path)
    }

    /// A local volume that is a bind mount of a folder.
    private func volume(_ node: Node) -> Node {
        guard let options = node["driver_opts"], let device = options["device"]?.scalar?.text, MountText.isPath(device) else { return node }
        guard let kind = options["o"]?.scalar?.text, kind.split(separator: ",").contains("bind") else { return node }
        return change(node, "driver_opts") { change($0, "device", path) }
    }
}
