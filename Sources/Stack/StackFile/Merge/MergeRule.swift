import YAML

/// How two values of one attribute become one (Compose Specification, "Merge").
enum MergeRule {
    /// Mappings key by key, lists one after the other, anything else replaced.
    case deep
    case replace
    /// Both turned into the long form first, then deep.
    case long((Node) -> Node)
    /// Lists one after the other; of two items with the same key the later one stays, in the earlier one's position.
    case unique(form: (Node) -> Node, key: (Node) -> String?)
    /// Deep if both have the same driver or one has none.
    case logging

    /// - Parameter path: keys from the top; names of services, networks… are `*`.
    static func of(_ path: [String]) -> MergeRule {
        guard path.count >= 3 else { return .deep }
        let tail = path.dropFirst(2).joined(separator: ".")
        guard path[0] == "services" else { return tail == "labels" ? .long(Forms.pairs) : .deep }
        switch tail {
        case "command", "entrypoint", "healthcheck.test", "extends", "pull_policy": return .replace
        case "environment", "labels", "annotations", "sysctls", "build.args", "build.labels", "build.additional_contexts", "deploy.labels":
            return .long(Forms.pairs)
        case "depends_on": return .long(Forms.dependencies)
        case "networks", "models": return .long(Forms.networks)
        case "build": return .long(Forms.build)
        case "logging": return .logging
        case "ports": return .unique(form: { $0 }, key: ItemKey.port)
        case "volumes": return .unique(form: { $0 }, key: ItemKey.mount)
        case "secrets", "configs": return .unique(form: { $0 }, key: ItemKey.file)
        case "devices": return .unique(form: { $0 }, key: ItemKey.device)
        case "env_file": return .unique(form: Forms.list, key: ItemKey.path)
        case "extra_hosts": return .unique(form: Forms.hosts, key: ItemKey.text)
        case "tmpfs": return .unique(form: Forms.list, key: ItemKey.tmpfs)
        case "label_file", "dns", "dns_search": return .unique(form: Forms.list, key: ItemKey.text)
        case "dns_opt", "cap_add", "cap_drop", "expose", "profiles", "security_opt", "links", "group_add", "build.tags", "build.platforms":
            return .unique(form: { $0 }, key: ItemKey.text)
        default:
            if path.count == 5, path[2] == "networks" { return .unique(form: { $0 }, key: ItemKey.text) }
            return .deep
        }
    }
}

/// What makes two items of a list the same.
enum ItemKey {
    static func text(_ node: Node) -> String? { node.scalar.flatMap(Scalars.text) }

    static func path(_ node: Node) -> String? { node.scalar?.text ?? node["path"]?.scalar?.text }

    static func file(_ node: Node) -> String? {
        node.scalar?.text ?? node["target"]?.scalar?.text ?? node["source"]?.scalar?.text
    }

    static func tmpfs(_ node: Node) -> String? {
        node.scalar.map { String($0.text.prefix { $0 != ":" }) }
    }

    static func device(_ node: Node) -> String? {
        if let target = node["target"]?.scalar?.text { return target }
        guard let parts = node.scalar?.text.split(separator: ":") else { return nil }
        return parts.count > 1 ? String(parts[1]) : parts.first.map(String.init)
    }

    static func mount(_ node: Node) -> String? {
        if let text = node.scalar?.text { return try? MountText.parse(text).target }
        return node["target"]?.scalar?.text
    }

    static func port(_ node: Node) -> String? {
        if let scalar = node.scalar {
            guard let ports = try? PortText.parse(Scalars.text(scalar) ?? "") else { return nil }
            return ports.map { "\($0.hostIP ?? ""):\($0.published ?? 0)-\($0.publishedEnd ?? 0):\($0.target)/\($0.proto)" }
                .joined(separator: ",")
        }
        let published = node["published"]?.scalar?.text ?? "0"
        let ends = published.split(separator: "-")
        let last = ends.count == 2 ? String(ends[1]) : "0"
        return "\(node["host_ip"]?.scalar?.text ?? ""):\(ends.first ?? "0")-\(last):\(node["target"]?.scalar?.text ?? "")/"
            + (node["protocol"]?.scalar?.text ?? "tcp")
    }
}
