import StackModel
import YAML

/// Makes a `Service` of the merged tree of one service.
///
/// Shapes were checked before; what is reported here is what values say, and what attributes say about each other.
struct ServiceDecoder {
    let session: Session
    let name: String
    let fields: Fields
    /// The folder that relative paths start from.
    let directory: String

    var report: Report { session.report }
    /// Files that only a service of an inactive profile names need not be there.
    var isActive: Bool { session.isActive(fields.texts("profiles")) }

    func decode() -> Service {
        var service = Service(name: name, image: image())
        decodeProcess(&service)
        decodeIsolation(&service)
        decodeResources(&service)
        decodeEnvironment(&service)
        decodeLabels(&service)
        service.expose = exposed()
        decodeNetworks(&service)
        service.ports = ports(service.networkMode)
        service.mounts = mounts()
        service.dependsOn = dependencies()
        service.healthcheck = healthcheck()
        service.restart = restart()
        decodeDeploy(&service)
        service.secrets = uses("secrets")
        service.configs = uses("configs")
        service.profiles = fields.texts("profiles")
        service.extensions = fields.extensions
        return service
    }

    private func image() -> String {
        if let image = fields.text("image") {
            session.imagePlaces[name] = fields.valuePlace(of: "image")
            if image.isEmpty || image.contains(where: \.isWhitespace) {
                report.error("service \"\(name)\": \"\(image)\" is not the name of an image", at: fields.valuePlace(of: "image"))
            }
            return image
        }
        guard fields["image"] == nil, !session.incomplete.contains(name) else { return "" }
        if fields["build"] != nil {
            report.error(
                "service \"\(name)\" has \"build\" and no \"image\": images are not built yet", at: fields.place(of: "build"),
                hint: "build it elsewhere, read it in with \"gantry image load\", and name it with \"image\"")
        } else if !fields.mapping.entries.contains(where: { Tables.service[$0.key] == nil && NearestName.find($0.key, among: ["image"]) != nil }) {
            // A slip in the key was told already.
            report.error("service \"\(name)\" has no \"image\"", at: fields.place, hint: "name the image to run")
        }
        return ""
    }

    private func decodeProcess(_ service: inout Service) {
        service.entrypoint = words("entrypoint")
        service.command = words("command")
        service.user = fields.text("user")
        service.groupAdd = fields.texts("group_add")
        service.workingDir = fields.text("working_dir")
        service.hostname = fields.text("hostname")
        service.domainname = fields.text("domainname")
        service.tty = fields.bool("tty") ?? false
        service.stdinOpen = fields.bool("stdin_open") ?? false
        service.initProcess = fields.bool("init") ?? false
        service.stopSignal = fields.text("stop_signal")
        service.stopGracePeriod = fields.duration("stop_grace_period") ?? service.stopGracePeriod
        service.pullPolicy = pullPolicy()
        service.containerName = containerName()
    }

    /// A command as a list, or as text that is split the way a shell splits it.
    func words(_ key: String, in given: Fields? = nil) -> [String]? {
        let fields = given ?? fields
        guard let node = fields[key], !node.isNull else { return nil }
        if node.sequence != nil { return Fields.texts(node) }
        guard let text = fields.text(key) else { return nil }
        do throws(Complaint) { return try ShellWords.split(text) } catch {
            report.error(error, at: node.place)
            return nil
        }
    }

    private func pullPolicy() -> String? {
        guard let policy = fields.text("pull_policy") else { return nil }
        let known = ["always", "never", "missing", "if_not_present", "build", "daily", "weekly", "refresh"]
        if known.contains(policy) { return policy == "if_not_present" ? "missing" : policy }
        if policy.hasPrefix("every_"), (try? Duration.parse(String(policy.dropFirst(6)))) != nil { return policy }
        let near = NearestName.find(policy, among: known)
        report.error(
            "\"\(policy)\" is not a pull policy", at: fields.valuePlace(of: "pull_policy"),
            hint: near.map { "did you mean \"\($0)\"?" } ?? "write always, missing, never, daily, weekly or every_12h")
        return nil
    }

    private func containerName() -> String? {
        guard let text = fields.text("container_name") else { return nil }
        let isWord = text.utf8.allSatisfy { Template.isName($0, first: false) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        if !isWord || text.count < 2 || "_.-".contains(text.first ?? "_") {
            report.error(
                "\"\(text)\" is not a name for a container", at: fields.valuePlace(of: "container_name"),
                hint: "two or more letters, digits, \"_\", \".\" and \"-\", a letter or digit first")
        }
        return text
    }

    private func decodeIsolation(_ service: inout Service) {
        service.readOnly = fields.bool("read_only") ?? false
        service.privileged = fields.bool("privileged") ?? false
        service.capAdd = unique(fields.texts("cap_add"))
        service.capDrop = unique(fields.texts("cap_drop"))
        service.securityOpt = unique(fields.items("security_opt").compactMap(securityOption))
        service.sysctls = fields.dictionary("sysctls")
        service.pidMode = fields.text("pid")
        service.ipcMode = fields.text("ipc")
        service.annotations = fields.dictionary("annotations")
        service.dns = unique(fields.texts("dns"))
        service.dnsSearch = unique(fields.texts("dns_search"))
        service.dnsOptions = unique(fields.texts("dns_opt"))
        for (index, server) in service.dns.enumerated() where !Address.isIPv4(server) && !Address.isIPv6(server) {
            let items = fields.items("dns")
            report.error("\"\(server)\" is not an IP address", at: index < items.count ? items[index].place : fields.place)
        }
        service.extraHosts = extraHosts()
        if let logging = fields.fields("logging") {
            service.logging = Logging(driver: logging.text("driver"), options: logging.dictionary("options"))
        }
    }

    /// A seccomp profile may be a file; its path becomes absolute.
    private func securityOption(_ item: Node) -> String? {
        guard let text = item.scalar.flatMap(Scalars.text) else { return nil }
        guard text.hasPrefix("seccomp="), let path = Forms.split(text).value, path.contains("/") || path.hasSuffix(".json") else { return text }
        let absolute = Paths.resolve(path, against: directory, home: session.home)
        if !session.files.exists(absolute) {
            report.error("the seccomp profile \"\(session.shown(absolute))\" does not exist", at: item.place)
        }
        return "seccomp=" + absolute
    }

    func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    private func extraHosts() -> [ExtraHost] {
        guard let node = fields["extra_hosts"], let items = Forms.hosts(node).sequence else { return [] }
        var hosts: [ExtraHost] = []
        for item in items {
            guard let text = item.scalar?.text else { continue }
            guard let separator = text.firstIndex(of: "=") ?? text.firstIndex(of: ":") else {
                report.error("\"\(text)\" has no address", at: item.place, hint: "write \"name=address\"")
                continue
            }
            let host = String(text[..<separator])
            var address = String(text[text.index(after: separator)...])
            if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
            if address != "host-gateway", !Address.isIPv4(address), !Address.isIPv6(address) {
                report.error("\"\(address)\" is not an IP address", at: item.place, hint: "write an address or \"host-gateway\"")
            }
            let entry = ExtraHost(name: host, address: address)
            if !hosts.contains(entry) { hosts.append(entry) }
        }
        return hosts
    }
}
