import StackModel
import YAML

/// Makes a `Stack` of the merged tree; all services are in it, whatever their profiles are.
struct StackDecoder {
    let session: Session
    let root: Fields
    let name: String

    var report: Report { session.report }

    func decode(directory: String) -> Stack {
        var stack = Stack(name: name, workingDirectory: directory, files: session.filesRead)
        for (key, node) in entries("services") where !report.isFull {
            guard let fields = Fields(node) else { continue }
            stack.services[key] = ServiceDecoder(session: session, name: key, fields: fields, directory: directory).decode()
        }
        link(&stack)
        share(&stack)
        if stack.services.isEmpty, !report.hasErrors {
            report.error("the stack has no services", at: root.mapping.entry("services")?.keyPlace ?? root.place, hint: "add one below \"services:\"")
        }
        for (key, node) in entries("networks") { stack.networks[key] = network(key, Fields(node)) }
        for (key, node) in entries("volumes") { stack.volumes[key] = volume(key, Fields(node)) }
        if stack.networks["default"] == nil { stack.networks["default"] = Network(key: "default", name: "\(name)_default") }
        for (key, node) in entries("secrets") { stack.secrets[key] = Fields(node).flatMap { object(key, $0, kind: "secret") } }
        for (key, node) in entries("configs") { stack.configs[key] = Fields(node).flatMap { object(key, $0, kind: "config") } }
        stack.extensions = root.extensions
        return stack
    }

    /// The entries of a top-level mapping whose names are names.
    private func entries(_ key: String) -> [(String, Node)] {
        var found: [(String, Node)] = []
        for entry in root[key]?.mapping?.entries ?? [] where !entry.key.hasPrefix("x-") {
            let isName = entry.key.utf8.allSatisfy { Template.isName($0, first: false) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
            if !isName {
                report.error(
                    "\"\(entry.key)\" cannot be a name in \"\(key)\"", at: entry.keyPlace, hint: "letters, digits, \".\", \"_\" and \"-\" only")
            }
            found.append((entry.key, entry.value))
        }
        return found
    }

    private func external(_ fields: Fields, allowed: Set<String>, kind: String) -> (isExternal: Bool, name: String?) {
        let node = fields["external"]
        let nested = Fields(node)
        guard nested != nil || node?.scalar.flatMap(Scalars.bool) == true else { return (false, fields.text("name")) }
        if let nested, nested["name"] != nil {
            report.warning("\"external.name\" is obsolete", at: nested.place(of: "name"), hint: "write \"name\" beside \"external: true\"")
        }
        for entry in fields.mapping.entries where !allowed.contains(entry.key) && !entry.key.hasPrefix("x-") {
            report.error(
                "an external \(kind) is not made here: \"\(entry.key)\" cannot be set", at: entry.keyPlace,
                hint: "remove it, or remove \"external\"")
        }
        return (true, fields.text("name") ?? nested?.text("name"))
    }

    private func network(_ key: String, _ fields: Fields?) -> Network {
        var network = Network(key: key, name: "\(name)_\(key)")
        guard let fields else { return network }
        let (isExternal, given) = external(fields, allowed: ["external", "name"], kind: "network")
        network.external = isExternal
        network.name = given ?? (isExternal ? key : network.name)
        network.driver = driver(fields)
        network.driverOptions = fields.dictionary("driver_opts")
        network.isInternal = fields.bool("internal") ?? false
        network.attachable = fields.bool("attachable") ?? false
        network.enableIPv4 = fields.bool("enable_ipv4") ?? true
        network.enableIPv6 = fields.bool("enable_ipv6") ?? false
        network.subnets = (fields.fields("ipam")?.items("config") ?? []).compactMap { Fields($0) }.map(subnet)
        network.labels = fields.dictionary("labels")
        network.extensions = fields.extensions
        return network
    }

    private func driver(_ fields: Fields) -> String {
        guard let driver = fields.text("driver"), !["", "bridge", "default"].contains(driver) else { return "bridge" }
        let place = fields.valuePlace(of: "driver")
        if driver == "overlay" {
            report.warning("the network driver \"overlay\" is a bridge here: there is one host", at: place)
        } else {
            report.error("the network driver \"\(driver)\" is not served yet", at: place, hint: "remove it: networks are bridges")
        }
        return "bridge"
    }

    private func subnet(_ fields: Fields) -> Network.Subnet {
        var subnet = Network.Subnet(subnet: fields.text("subnet"), gateway: fields.text("gateway"), ipRange: fields.text("ip_range"))
        for key in ["subnet", "ip_range"] {
            guard let text = fields.text(key), !Address.isNetwork(text) else { continue }
            report.error("\"\(text)\" is not a network", at: fields.valuePlace(of: key), hint: "write an address and a length: \"172.28.0.0/16\"")
        }
        if let gateway = subnet.gateway, let range = subnet.subnet, Address.isNetwork(range), Address.contains(range, gateway) != true {
            report.error("the gateway \"\(gateway)\" is not an address of \"\(range)\"", at: fields.valuePlace(of: "gateway"))
        }
        subnet.auxAddresses = fields.dictionary("aux_addresses")
        return subnet
    }

    private func volume(_ key: String, _ fields: Fields?) -> Volume {
        var volume = Volume(key: key, name: "\(name)_\(key)")
        guard let fields else { return volume }
        let (isExternal, given) = external(fields, allowed: ["external", "name"], kind: "volume")
        volume.external = isExternal
        volume.name = given ?? (isExternal ? key : volume.name)
        if let driver = fields.text("driver"), !driver.isEmpty, driver != "local" {
            report.error("the volume driver \"\(driver)\" is not served", at: fields.valuePlace(of: "driver"), hint: "remove it: volumes are local")
        }
        volume.driverOptions = fields.dictionary("driver_opts")
        volume.labels = fields.dictionary("labels")
        volume.extensions = fields.extensions
        return volume
    }

    private func object(_ key: String, _ fields: Fields, kind: String) -> FileObject? {
        let (isExternal, given) = external(fields, allowed: ["external", "name"], kind: kind)
        var sources: [FileObject.Source] = []
        if let file = fields.text("file") { sources.append(.file(file)) }
        if let variable = fields.text("environment") { sources.append(.environment(variable)) }
        if let content = fields.text("content") { sources.append(.content(content)) }
        if isExternal { sources.append(.external(given ?? key)) }
        guard sources.count == 1 else {
            let choices = kind == "config" ? "\"file\", \"environment\", \"content\"" : "\"file\", \"environment\""
            report.error(
                "the \(kind) \"\(key)\" needs exactly one of \(choices) and \"external\"",
                at: root[kind + "s"]?.mapping?.entry(key)?.keyPlace ?? fields.place)
            return nil
        }
        return FileObject(key: key, name: given ?? "\(name)_\(key)", source: sources[0])
    }

    /// Whether the content of the secrets and configs that are used can be had.
    func checkSources(_ stack: Stack) {
        for object in stack.secrets.values.sorted(by: { $0.key < $1.key }) { check(object, section: "secrets", kind: "secret") }
        for object in stack.configs.values.sorted(by: { $0.key < $1.key }) { check(object, section: "configs", kind: "config") }
    }

    private func check(_ object: FileObject, section: String, kind: String) {
        guard let fields = Fields(root[section]?[object.key]) else { return }
        switch object.source {
        case .file(let path):
            let place = fields.valuePlace(of: "file")
            guard session.bytes(path, at: place) == nil, !report.hasErrors(at: place) else { return }
            report.error("the file \"\(session.shown(path))\" of the \(kind) \"\(object.key)\" does not exist", at: place)
        case .environment(let variable):
            guard session.environment[variable] == nil else { return }
            report.error(
                "the variable \"\(variable)\" of the \(kind) \"\(object.key)\" is not set", at: fields.valuePlace(of: "environment"))
        case .content, .external: return
        }
    }
}
