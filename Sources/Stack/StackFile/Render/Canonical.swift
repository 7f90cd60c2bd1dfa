import StackModel
import YAML

/// The canonical form of a stack: every attribute in its long form, variables and paths resolved, defaults of the files only.
struct Canonical {
    let stack: Stack
    let root: Fields

    /// Keys of the outermost map in print order.
    static let order = ["name", "services", "networks", "volumes", "secrets", "configs"]

    var value: Value {
        var map: [String: Value] = ["name": .string(stack.name)]
        map["services"] = .map(
            stack.services.mapValues { service in
                ServiceCanonical(service: service, fields: Fields(root["services"]?[service.name])).value
            })
        map["networks"] = section("networks", stack.networks) { .map(network($0)) }
        map["volumes"] = section("volumes", stack.volumes) { .map(volume($0)) }
        map["secrets"] = section("secrets", stack.secrets) { .map(object($0)) }
        map["configs"] = section("configs", stack.configs) { .map(object($0)) }
        if let models = root["models"] { map["models"] = Value(models) }
        for (key, extra) in stack.extensions { map[key] = extra }
        return .map(map)
    }

    private func section<T>(_ key: String, _ items: [String: T], _ render: (T) -> Value) -> Value? {
        items.isEmpty ? nil : .map(items.mapValues(render))
    }

    private func network(_ network: Network) -> [String: Value] {
        var map: [String: Value] = ["name": .string(network.name)]
        let fields = Fields(root["networks"]?[network.key])
        if network.external { map["external"] = .bool(true) }
        for key in ["driver", "internal", "enable_ipv4", "enable_ipv6", "attachable"] {
            if let node = fields?[key] { map[key] = plain(node) }
        }
        if let ipam = fields?["ipam"] { map["ipam"] = Value(ipam) }
        if !network.driverOptions.isEmpty { map["driver_opts"] = texts(network.driverOptions) }
        if !network.labels.isEmpty { map["labels"] = texts(network.labels) }
        for (key, extra) in network.extensions { map[key] = extra }
        return map
    }

    private func volume(_ volume: Volume) -> [String: Value] {
        var map: [String: Value] = ["name": .string(volume.name)]
        if volume.external { map["external"] = .bool(true) }
        if let driver = Fields(root["volumes"]?[volume.key])?.text("driver") { map["driver"] = .string(driver) }
        if !volume.driverOptions.isEmpty { map["driver_opts"] = texts(volume.driverOptions) }
        if !volume.labels.isEmpty { map["labels"] = texts(volume.labels) }
        for (key, extra) in volume.extensions { map[key] = extra }
        return map
    }

    private func object(_ object: FileObject) -> [String: Value] {
        var map: [String: Value] = ["name": .string(object.name)]
        switch object.source {
        case .file(let path): map["file"] = .string(path)
        case .environment(let variable): map["environment"] = .string(variable)
        case .content(let content): map["content"] = .string(content)
        case .external(let name):
            map["external"] = .bool(true)
            map["name"] = .string(name)
        }
        return map
    }

    /// A flag or text as what it means: text that came from a variable may be a boolean.
    private func plain(_ node: Node) -> Value {
        if let scalar = node.scalar, let bool = Scalars.bool(scalar) { return .bool(bool) }
        return Value(node)
    }

    private func texts(_ map: [String: String]) -> Value { .map(map.mapValues { .string($0) }) }
}

extension LoadedStack {
    public enum Format: String, Sendable { case yaml, json }

    /// What `config` prints; YAML ends with a newline, JSON does not. Dollar signs are doubled, so that it can be read again.
    public func text(_ format: Format) -> String {
        let value = isInterpolated ? Self.doubled(canonical) : canonical
        switch format {
        case .yaml: return YAMLText.render(value, first: Canonical.order)
        case .json: return JSONText.render(Self.withAddresses(value), first: Canonical.order)
        }
    }

    private static func doubled(_ value: Value) -> Value {
        switch value {
        case .string(let text): return .string(text.replacing("$", with: "$$"))
        case .list(let items): return .list(items.map(doubled))
        case .map(let map): return .map(map.mapValues(doubled))
        case .null, .bool, .int, .double: return value
        }
    }

    /// In JSON the field prints `ipam` even where there is nothing in it.
    private static func withAddresses(_ value: Value) -> Value {
        guard case .map(var map) = value, case .map(let networks)? = map["networks"] else { return value }
        map["networks"] = .map(
            networks.mapValues { network in
                guard case .map(var fields) = network, fields["ipam"] == nil else { return network }
                fields["ipam"] = .map([:])
                return .map(fields)
            })
        return .map(map)
    }
}
