import StackModel
import YAML

/// What services say about each other and about networks, volumes, secrets and configs.
struct References {
    let report: Report
    let root: Fields
    let stack: Stack
    /// Services whose profiles are not active.
    let inactive: [String: Service]

    func check() {
        for name in stack.services.keys.sorted() where !report.isFull {
            guard let service = stack.services[name], let fields = Fields(root["services"]?[name]) else { continue }
            checkResources(service, fields)
            checkDependencies(service, fields)
            checkAddresses(service, fields)
        }
        checkCycles()
        checkPorts()
    }

    /// Where a service names something: the item of a list, or the key of a mapping.
    private func place(_ fields: Fields, _ key: String, naming text: String) -> Place {
        guard let node = fields[key] else { return fields.place }
        if let entry = node.mapping?.entry(text) { return entry.keyPlace }
        for item in node.sequence ?? [] {
            if item.scalar?.text == text { return item.place }
            if let source = item["source"], source.scalar?.text == text { return source.place }
            if let short = item.scalar?.text, short.hasPrefix(text + ":") { return item.place }
        }
        return node.place
    }

    private func undefined(_ kind: String, _ name: String, at place: Place, among known: some Sequence<String>) {
        let section = kind + "s"
        let near = NearestName.find(name, among: known)
        report.error(
            "there is no \(kind) \"\(name)\"", at: place,
            hint: near.map { "did you mean \"\($0)\"?" } ?? "declare it at the top level, below \"\(section):\"")
    }

    private func checkResources(_ service: Service, _ fields: Fields) {
        for network in service.networks.keys.sorted() where stack.networks[network] == nil {
            undefined("network", network, at: place(fields, "networks", naming: network), among: stack.networks.keys)
        }
        for mount in service.mounts {
            guard case .volume(let name?, _, _) = mount.source, stack.volumes[name] == nil else { continue }
            let place = place(fields, "volumes", naming: name)
            if name.contains("/") {
                report.error("\"\(name)\" is neither a path nor the name of a volume", at: place, hint: "start a path with \"./\"")
            } else {
                undefined("volume", name, at: place, among: stack.volumes.keys)
            }
        }
        for use in service.secrets where stack.secrets[use.source] == nil && root["secrets"]?[use.source] == nil {
            undefined("secret", use.source, at: place(fields, "secrets", naming: use.source), among: stack.secrets.keys)
        }
        for use in service.configs where stack.configs[use.source] == nil && root["configs"]?[use.source] == nil {
            undefined("config", use.source, at: place(fields, "configs", naming: use.source), among: stack.configs.keys)
        }
    }

    private func checkDependencies(_ service: Service, _ fields: Fields) {
        for (other, dependency) in service.dependsOn.sorted(by: { $0.key < $1.key }) {
            let isListed = fields["depends_on"].map { Forms.dependencies($0)[other] != nil } ?? false
            let key = ["network_mode", "ipc", "pid"].first { fields.text($0) == "service:\(other)" } ?? "depends_on"
            let place = isListed ? place(fields, "depends_on", naming: other) : implied(fields, other) ?? fields.valuePlace(of: key)
            if other == service.name {
                report.error("service \"\(other)\" depends on itself", at: place)
            } else if let known = stack.services[other] {
                checkCondition(dependency, on: known, at: place)
            } else if let hidden = inactive[other] {
                guard dependency.required else { continue }
                let profile = hidden.profiles.first ?? ""
                report.error(
                    "service \"\(service.name)\" depends on \"\(other)\", whose profile is not active", at: place,
                    hint: "add --profile \(profile), or write \"required: false\"")
            } else if dependency.required {
                let near = NearestName.find(other, among: stack.services.keys)
                report.error("there is no service \"\(other)\"", at: place, hint: near.map { "did you mean \"\($0)\"?" })
            }
        }
    }

    /// Where a dependency is named that no `depends_on` names.
    private func implied(_ fields: Fields, _ other: String) -> Place? {
        for key in ["links", "volumes_from"] {
            for item in fields.items(key) where item.scalar?.text.prefix(while: { $0 != ":" }) == other[...] { return item.place }
        }
        return nil
    }

    private func checkCondition(_ dependency: Dependency, on service: Service, at place: Place) {
        if dependency.condition == .healthy, service.healthcheck?.test == Healthcheck.Test.none {
            report.error("\"\(service.name)\" never becomes healthy: its health check is switched off", at: place)
        }
    }

    private func checkAddresses(_ service: Service, _ fields: Fields) {
        for (key, attachment) in service.networks.sorted(by: { $0.key < $1.key }) {
            guard let network = stack.networks[key], !network.external else { continue }
            for (attribute, address) in [("ipv4_address", attachment.ipv4Address), ("ipv6_address", attachment.ipv6Address)] {
                guard let address, Address.isIPv4(address) || Address.isIPv6(address), let node = fields["networks"]?[key]?[attribute] else { continue }
                let subnets = network.subnets.compactMap(\.subnet)
                guard !subnets.contains(where: { Address.contains($0, address) == true }) else { continue }
                report.error(
                    "\"\(address)\" is not an address of the network \"\(key)\"", at: node.place,
                    hint: subnets.isEmpty ? "give the network a subnet: ipam, config, subnet" : "its subnets: \(subnets.joined(separator: ", "))")
            }
        }
    }

    /// Takes away services that wait for nothing until none is left; what stays goes in circles.
    private func checkCycles() {
        var waiting: [String: Set<String>] = [:]
        var dependants: [String: [String]] = [:]
        for (name, service) in stack.services {
            waiting[name] = Set(service.dependsOn.keys.filter { stack.services[$0] != nil && $0 != name })
            for other in waiting[name] ?? [] { dependants[other, default: []].append(name) }
        }
        var free = waiting.filter { $0.value.isEmpty }.map(\.key)
        while let name = free.popLast() {
            waiting[name] = nil
            for other in dependants[name] ?? [] {
                waiting[other]?.remove(name)
                if waiting[other]?.isEmpty == true { free.append(other) }
            }
        }
        guard let start = waiting.keys.min() else { return }
        var path: [String] = []
        var current = start
        while !path.contains(current) {
            path.append(current)
            guard let next = waiting[current]?.min() else { return }
            current = next
        }
        let cycle = Array(path.drop { $0 != current }) + [current]
        let fields = Fields(root["services"]?[cycle[0]])
        report.error(
            "services wait for each other: \(cycle.map { "\"\($0)\"" }.joined(separator: " → "))",
            at: fields.map { place($0, "depends_on", naming: cycle[1]) }, hint: "remove one of these dependencies")
    }

    /// Two services cannot publish the same port of the host.
    private func checkPorts() {
        var taken: [String: [(host: String?, service: String)]] = [:]
        for name in stack.services.keys.sorted() {
            guard let service = stack.services[name], let fields = Fields(root["services"]?[name]) else { continue }
            for port in service.ports where port.published != nil && port.publishedEnd == nil {
                let number = "\(port.published ?? 0)/\(port.proto)"
                let holder = taken[number]?.first { $0.service != name && ($0.host == nil || port.hostIP == nil || $0.host == port.hostIP) }
                if let holder {
                    report.error(
                        "port \(number) of the host is already published by \"\(holder.service)\"", at: portPlace(fields, port),
                        hint: "choose another host port for one of them")
                }
                taken[number, default: []].append((port.hostIP, name))
            }
        }
    }

    private func portPlace(_ fields: Fields, _ port: PortMapping) -> Place {
        for item in fields.items("ports") {
            if let text = item.scalar?.text, let ports = try? PortText.parse(text), ports.contains(where: { $0.published == port.published }) {
                return item.place
            }
            if let published = item["published"], published.scalar?.text == port.published.map(String.init) { return published.place }
        }
        return fields.place(of: "ports")
    }
}
