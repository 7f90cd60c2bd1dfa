import StackModel
import YAML

extension ServiceDecoder {
    func decodeNetworks(_ service: inout Service) {
        service.networkMode = networkMode()
        let node = fields["networks"].map(Forms.networks)
        guard service.networkMode == .networks else {
            if let entries = node?.mapping?.entries, !entries.isEmpty {
                report.error(
                    "\"networks\" and \"network_mode\" exclude each other", at: fields.place(of: "networks"), hint: "remove one of the two")
            }
            return
        }
        for entry in node?.mapping?.entries ?? [] { service.networks[entry.key] = attachment(entry) }
        if service.networks.isEmpty { service.networks["default"] = NetworkAttachment() }
        guard let address = fields.text("mac_address") else { return }
        if !Address.isHardware(address) {
            report.error("\"\(address)\" is not a hardware address", at: fields.valuePlace(of: "mac_address"), hint: "write \"02:42:ac:11:00:02\"")
        }
        // The one that gives the default route, as the engine orders them.
        let first = service.networks.min { left, right in
            (-left.value.gatewayPriority, left.key) < (-right.value.gatewayPriority, right.key)
        }
        if let first, first.value.macAddress == nil { service.networks[first.key]?.macAddress = address }
    }

    private func networkMode() -> NetworkMode {
        guard let text = fields.text("network_mode"), !text.isEmpty else { return .networks }
        let place = fields.valuePlace(of: "network_mode")
        switch text {
        case "host": return .host
        case "none": return .none
        case "bridge", "default":
            report.warning("\"network_mode: \(text)\" joins the stack's default network here", at: place)
            return .networks
        default: break
        }
        if text.hasPrefix("service:"), text.count > 8 { return .service(String(text.dropFirst(8))) }
        let isContainer = text.hasPrefix("container:")
        report.error(
            isContainer
                ? "the network of a container outside the stack cannot be shared yet" : "\"\(text)\" is not a network mode", at: place,
            hint: "write none, host or service:NAME")
        return .networks
    }

    private func attachment(_ entry: Entry) -> NetworkAttachment {
        guard let fields = Fields(entry.value) else { return NetworkAttachment() }
        var attachment = NetworkAttachment(aliases: unique(fields.texts("aliases")))
        attachment.ipv4Address = fields.text("ipv4_address")
        attachment.ipv6Address = fields.text("ipv6_address")
        if let address = attachment.ipv4Address, !Address.isIPv4(address) {
            report.error("\"\(address)\" is not an IPv4 address", at: fields.valuePlace(of: "ipv4_address"))
        }
        if let address = attachment.ipv6Address, !Address.isIPv6(address) {
            report.error("\"\(address)\" is not an IPv6 address", at: fields.valuePlace(of: "ipv6_address"))
        }
        attachment.macAddress = fields.text("mac_address")
        if let address = attachment.macAddress, !Address.isHardware(address) {
            report.error("\"\(address)\" is not a hardware address", at: fields.valuePlace(of: "mac_address"), hint: "write \"02:42:ac:11:00:02\"")
        }
        attachment.interfaceName = fields.text("interface_name")
        if let name = attachment.interfaceName, name.isEmpty || name.utf8.count > 15 || name.contains("/") {
            report.error("\"\(name)\" is not a name for an interface", at: fields.valuePlace(of: "interface_name"), hint: "at most 15 characters")
        }
        attachment.linkLocalIPs = fields.texts("link_local_ips")
        attachment.gatewayPriority = fields.int("gw_priority") ?? 0
        attachment.priority = fields.int("priority") ?? 0
        return attachment
    }

    /// What goes first: `depends_on`, and the services whose namespaces are shared.
    func dependencies() -> [String: Dependency] {
        var found: [String: Dependency] = [:]
        if let node = fields["depends_on"], let mapping = Forms.dependencies(node).mapping {
            for entry in mapping.entries {
                guard let one = Fields(entry.value) else { continue }
                let condition = one.text("condition").flatMap(Dependency.Condition.init(rawValue:)) ?? .started
                found[entry.key] = Dependency(
                    condition: condition, restart: one.bool("restart") ?? false, required: one.bool("required") ?? true)
            }
        }
        for link in fields.texts("links") + fields.texts("volumes_from") where !link.hasPrefix("container:") {
            let other = String(link.prefix { $0 != ":" })
            if found[other] == nil { found[other] = Dependency(condition: .started, restart: true, required: true) }
        }
        for key in ["network_mode", "ipc", "pid"] {
            guard let text = fields.text(key), text.hasPrefix("service:") else { continue }
            let other = String(text.dropFirst(8))
            if found[other] == nil { found[other] = Dependency(condition: .started, restart: true, required: true) }
        }
        return found
    }
}
