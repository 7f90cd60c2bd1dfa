import StackModel
import YAML

/// The canonical form of one service: the keys its files set, with their resolved values.
struct ServiceCanonical {
    let service: Service
    let fields: Fields?

    var value: Value {
        var map: [String: Value] = ["command": list(service.command), "entrypoint": list(service.entrypoint)]
        for entry in fields?.mapping.entries ?? [] where !Self.absorbed.contains(entry.key) {
            if let value = rendered(entry) { map[entry.key] = value }
        }
        if !service.environment.isEmpty { map["environment"] = texts(service.environment) }
        if !service.labels.isEmpty { map["labels"] = texts(service.labels) }
        if !service.dependsOn.isEmpty { map["depends_on"] = .map(service.dependsOn.mapValues(dependency)) }
        if service.networkMode == .networks { map["networks"] = .map(service.networks.mapValues(attachment)) }
        return .map(map)
    }

    /// Keys that end up in others, or are rendered whether the file has them or not.
    private static let absorbed: Set<String> = [
        "command", "entrypoint", "environment", "env_file", "label_file", "labels", "depends_on", "networks", "extends",
    ]

    private func rendered(_ entry: Entry) -> Value? {
        let key = entry.key
        switch Tables.service[key]?.shape {
        case .boolean:
            // Off is what is not said, except where "not said" leaves it to the engine.
            guard let flag = fields?.bool(key), flag || key == "init" || key == "attach" else { return nil }
            return .bool(flag)
        case .integer: return fields?.int(key).map { .int($0) }
        case .number: return fields?.double(key).map { number($0) }
        case .duration: return fields?.duration(key).map { .string(Duration.text($0)) }
        case .size: return fields?.int(key) == -1 ? .string("-1") : fields?.size(key).map { .string(String($0)) }
        case .text: return fields?.text(key).flatMap { $0.isEmpty ? nil : .string($0) }
        default: break
        }
        switch key {
        case "ports": return service.ports.isEmpty ? nil : .list(service.ports.map(port))
        case "volumes": return volumes()
        case "healthcheck": return service.healthcheck.map(healthcheck)
        case "secrets": return .list(service.secrets.map(use))
        case "configs": return .list(service.configs.map(use))
        case "extra_hosts": return .list(service.extraHosts.map { .string("\($0.name)=\($0.address)") })
        case "sysctls": return texts(service.sysctls)
        case "annotations": return texts(service.annotations)
        case "expose": return .list(service.expose.map { .string($0) })
        case "tmpfs", "dns", "dns_search", "dns_opt", "group_add": return .list(Fields.texts(entry.value).map { .string($0) })
        case "build":
            guard case .map(var build) = Value(Forms.build(entry.value)) else { return nil }
            if build["dockerfile"] == nil, build["dockerfile_inline"] == nil { build["dockerfile"] = .string("Dockerfile") }
            return .map(build)
        case "deploy": return deploy(entry.value)
        default: return Value(entry.value)
        }
    }

    private func list(_ words: [String]?) -> Value { words.map { .list($0.map { .string($0) }) } ?? .null }
    private func texts(_ map: [String: String]) -> Value { .map(map.mapValues { .string($0) }) }
    private func number(_ double: Double) -> Value { Int(exactly: double).map { .int($0) } ?? .double(double) }

    private func port(_ port: PortMapping) -> Value {
        var map: [String: Value] = [
            "target": .int(port.target), "protocol": .string(port.proto.rawValue), "mode": .string(port.mode ?? "ingress"),
        ]
        if let first = port.published { map["published"] = .string(port.publishedEnd.map { "\(first)-\($0)" } ?? String(first)) }
        if let host = port.hostIP { map["host_ip"] = .string(host) }
        if let name = port.name { map["name"] = .string(name) }
        if let spoken = port.appProtocol { map["app_protocol"] = .string(spoken) }
        return .map(map)
    }

    private func volumes() -> Value? {
        // Those of `tmpfs` and `volumes_from` come after these and are printed there.
        let mounts = service.mounts.prefix(Merging.keepLast(fields?["volumes"]?.sequence ?? [], key: ItemKey.mount).count)
        return mounts.isEmpty ? nil : .list(mounts.map(mount))
    }

    private func mount(_ mount: ServiceMount) -> Value {
        var map: [String: Value] = ["target": .string(mount.target)]
        if mount.readOnly { map["read_only"] = .bool(true) }
        switch mount.source {
        case .bind(let path, let create, let propagation):
            map["type"] = .string("bind")
            map["source"] = .string(path)
            var bind: [String: Value] = ["create_host_path": .bool(create)]
            if let propagation { bind["propagation"] = .string(propagation) }
            map["bind"] = .map(bind)
        case .volume(let name, let noCopy, let subpath):
            map["type"] = .string("volume")
            if let name { map["source"] = .string(name) }
            var volume: [String: Value] = [:]
            if noCopy { volume["nocopy"] = .bool(true) }
            if let subpath { volume["subpath"] = .string(subpath) }
            map["volume"] = .map(volume)
        case .tmpfs(let size, let mode):
            map["type"] = .string("tmpfs")
            var tmpfs: [String: Value] = [:]
            if let size { tmpfs["size"] = .string(String(size)) }
            if let mode { tmpfs["mode"] = .int(mode) }
            map["tmpfs"] = .map(tmpfs)
        }
        return .map(map)
    }

    private func dependency(_ dependency: Dependency) -> Value {
        var map: [String: Value] = ["condition": .string(dependency.condition.rawValue), "required": .bool(dependency.required)]
        if dependency.restart { map["restart"] = .bool(true) }
        return .map(map)
    }

    private func attachment(_ attachment: NetworkAttachment) -> Value {
        var map: [String: Value] = [:]
        if !attachment.aliases.isEmpty { map["aliases"] = list(attachment.aliases) }
        if !attachment.linkLocalIPs.isEmpty { map["link_local_ips"] = list(attachment.linkLocalIPs) }
        let named = [
            "ipv4_address": attachment.ipv4Address, "ipv6_address": attachment.ipv6Address, "mac_address": attachment.macAddress,
            "interface_name": attachment.interfaceName,
        ]
        for (key, text) in named { if let text { map[key] = .string(text) } }
        if attachment.gatewayPriority != 0 { map["gw_priority"] = .int(attachment.gatewayPriority) }
        if attachment.priority != 0 { map["priority"] = .int(attachment.priority) }
        return map.isEmpty ? .null : .map(map)
    }

    private func healthcheck(_ health: Healthcheck) -> Value {
        var map: [String: Value] = [:]
        switch health.test {
        case .command(let words): map["test"] = list(["CMD"] + words)
        case .shell(let text): map["test"] = list(["CMD-SHELL", text])
        case .none: return .map(["disable": .bool(true)])
        case .inherited: break
        }
        let spans = [
            "interval": health.interval, "timeout": health.timeout, "start_period": health.startPeriod, "start_interval": health.startInterval,
        ]
        for (key, span) in spans { if let span { map[key] = .string(Duration.text(span)) } }
        if let retries = health.retries { map["retries"] = .int(retries) }
        return .map(map)
    }

    private func use(_ use: FileReference) -> Value {
        var map: [String: Value] = ["source": .string(use.source), "target": .string(use.target)]
        if let uid = use.uid { map["uid"] = .string(String(uid)) }
        if let gid = use.gid { map["gid"] = .string(String(gid)) }
        if let mode = use.mode { map["mode"] = .string("0" + String(mode, radix: 8)) }
        return .map(map)
    }

    /// As written, with numbers and sizes as the long form has them.
    private func deploy(_ node: Node) -> Value {
        guard case .map(var map) = Value(node), let fields = Fields(node) else { return Value(node) }
        if let replicas = fields.int("replicas") { map["replicas"] = .int(replicas) }
        if let resources = fields.fields("resources"), case .map(var inner)? = map["resources"] {
            for part in ["limits", "reservations"] {
                guard let values = resources.fields(part), case .map(var limits)? = inner[part] else { continue }
                if let cpus = values.double("cpus") { limits["cpus"] = number(cpus) }
                if let memory = values.size("memory") { limits["memory"] = .string(String(memory)) }
                if let pids = values.int("pids") { limits["pids"] = .int(pids) }
                inner[part] = .map(limits)
            }
            map["resources"] = .map(inner)
        }
        if case .map? = map["labels"] { map["labels"] = texts(fields.dictionary("labels")) }
        return .map(map)
    }
}
