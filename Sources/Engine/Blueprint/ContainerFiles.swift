import Linux
import RuntimeSpec
import StackModel

/// Files that the engine writes for a container, in `<root>/containers/<id>/etc` and `…/files`, and where they are mounted.
struct ContainerFiles {
    let root: String
    let id: String
    let service: Service
    let network: WiredNetwork?
    let hostname: String

    private var folder: String { "\(root)/containers/\(id)" }

    /// - Parameter unless: targets that the service mounts itself.
    func write(unless own: Set<String>, stack: Stack) throws -> [ResolvedMount] {
        var mounts: [ResolvedMount] = []
        let etc = [("hosts", hosts), ("hostname", "\(hostname)\n"), ("resolv.conf", resolvConf)]
        try Disk.doing("write files of container \(id)") { () throws(SyscallError) in
            try File.makeDirectories("\(folder)/etc", mode: 0o755)
            for (name, text) in etc { try File.writeAtomically("\(folder)/etc/\(name)", Array(text.utf8), mode: 0o644) }
        }
        for (name, _) in etc where !own.contains("/etc/\(name)") {
            mounts.append(ResolvedMount(kind: .bind(source: "\(folder)/etc/\(name)", propagation: nil), target: "/etc/\(name)", readOnly: service.readOnly))
        }
        for (number, reference) in service.secrets.enumerated() {
            let target = reference.target.hasPrefix("/") ? reference.target : "/run/secrets/\(reference.target)"
            mounts.append(try file(reference, stack.secrets[reference.source], "secret", number, target))
        }
        for (number, reference) in service.configs.enumerated() {
            let target = reference.target.hasPrefix("/") ? reference.target : "/\(reference.target)"
            mounts.append(try file(reference, stack.configs[reference.source], "config", number, target))
        }
        return mounts
    }

    // MARK: /etc

    private var hosts: String {
        var lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]
        for host in service.extraHosts {
            let address = host.address == "host-gateway" ? network?.gateway ?? "127.0.0.1" : host.address
            lines.append("\(address)\t\(host.name)")
        }
        if let address = network?.address {
            let full = service.domainname.map { "\(hostname).\($0) \(hostname)" } ?? hostname
            lines.append("\(address)\t\(full)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var resolvConf: String {
        let own = (try? File.text("/etc/resolv.conf")) ?? ""
        guard let resolver = network?.resolver else { return own }
        var lines = ["nameserver \(resolver)"] + service.dns.map { "nameserver \($0)" }
        let search = service.dnsSearch.isEmpty
            ? own.split(separator: "\n").last { $0.hasPrefix("search ") }.map(String.init) : "search \(service.dnsSearch.joined(separator: " "))"
        if let search { lines.append(search) }
        // A service's name has no dot and is still to be asked for as it is.
        lines.append("options \((["ndots:0"] + service.dnsOptions).joined(separator: " "))")
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: secrets and configs

    private func file(_ reference: FileReference, _ object: FileObject?, _ kind: String, _ number: Int, _ target: String) throws -> ResolvedMount {
        guard let object else { throw Failure(code: .notFound, what: "service \"\(service.name)\": \(kind) \"\(reference.source)\" is not declared") }
        let content: [UInt8]
        switch object.source {
        case .content(let text): content = Array(text.utf8)
        case .file(let path):
            content = try Disk.doing("read \(kind) \"\(object.key)\"") { () throws(SyscallError) in try File.readAll(path, limit: 16 << 20) }
        case .environment(let name):
            throw Failure(code: .invalid, what: "\(kind) \"\(object.key)\"", cause: "environment variable \(name) was not resolved")
        case .external(let name):
            throw Failure(
                code: .unsupported, what: "\(kind) \"\(name)\" is external", cause: "there is no store for them yet", hint: "give it with `file:` or `environment:`")
        }
        let path = "\(folder)/files/\(kind)-\(number)"
        try Disk.doing("write \(kind) \"\(object.key)\"") { () throws(SyscallError) in
            try File.makeDirectories("\(folder)/files", mode: 0o700)
            try File.writeAtomically(path, content, mode: 0o400)
            let fd = try File.open(path, flags: File.readOnly)
            try File.setOwner(at: fd.raw, "", uid: UInt32(clamping: reference.uid ?? 0), gid: UInt32(clamping: reference.gid ?? 0))
            try File.setMode(fd: fd.raw, UInt32(clamping: reference.mode ?? 0o444) & 0o777)
        }
        return ResolvedMount(kind: .bind(source: path, propagation: nil), target: target, readOnly: true)
    }
}
