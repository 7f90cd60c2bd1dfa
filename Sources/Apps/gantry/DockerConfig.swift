import FoundationEssentials
import Glibc
import Linux
import StackModel

/// Logins as docker keeps them: `~/.docker/config.json`, or the programs it names. Shared with docker on purpose.
struct DockerConfig: Sendable {
    private let path: String
    private static let hub = "https://index.docker.io/v1/"

    init(environment: [String: String]) {
        let home = environment["HOME"] ?? "/root"
        path = "\(environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(home)/.docker")/config.json"
    }

    private struct Content: Codable {
        struct Entry: Codable {
            var auth: String?
            var username: String?
            var password: String?
        }
        var auths: [String: Entry]?
        var credHelpers: [String: String]?
        var credsStore: String?
    }

    private func content() -> Content? {
        guard let bytes = try? File.readAll(path) else { return nil }
        return try? JSONDecoder().decode(Content.self, from: Data(bytes))
    }

    private static func key(_ domain: String) -> String { domain == "docker.io" ? hub : domain }

    /// The login for a domain, if there is one.
    func login(_ domain: String) -> RegistryLogin? {
        guard let content = content() else { return nil }
        let key = Self.key(domain)
        if let program = content.credHelpers?[domain] ?? content.credsStore, let found = Self.ask(program, key) { return found }
        for name in [key, "https://\(domain)", "https://\(domain)/v1/", "https://\(domain)/v2/"] {
            guard let entry = content.auths?[name] else { continue }
            if let user = entry.username, let secret = entry.password { return RegistryLogin(user: user, secret: secret) }
            guard let auth = entry.auth, let data = Data(base64Encoded: auth) else { continue }
            let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { return RegistryLogin(user: parts[0], secret: parts[1]) }
        }
        return nil
    }

    /// For each domain that some image is of.
    func logins(_ domains: some Sequence<String>) -> [String: RegistryLogin] {
        Dictionary(Set(domains).compactMap { domain in login(domain).map { (domain, $0) } }) { first, _ in first }
    }

    /// Writes or removes a login; everything else in the file stays.
    func set(_ login: RegistryLogin?, for domain: String) throws {
        var root: [String: Value] = [:]
        if let bytes = try? File.readAll(path) {
            guard case .map(let map)? = try? JSONDecoder().decode(Value.self, from: Data(bytes)) else {
                throw Failure(code: .invalid, what: path, cause: "it is no JSON object", hint: "mend or remove it")
            }
            root = map
        }
        var auths: [String: Value] = [:]
        if case .map(let there)? = root["auths"] { auths = there }
        auths[Self.key(domain)] = login.map { .map(["auth": .string(Data("\($0.user):\($0.secret)".utf8).base64EncodedString())]) }
        root["auths"] = .map(auths)
        let text = try JSONOutput.pretty(Value.map(root))
        try File.makeDirectories(File.parent(of: path), mode: 0o700)
        try File.writeAtomically(path, Array(text.utf8), mode: 0o600)
    }

    /// `docker-credential-NAME get`: the registry on standard input, JSON on standard output.
    private static func ask(_ program: String, _ registry: String) -> RegistryLogin? {
        guard program.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), let path = Starter.find("docker-credential-\(program)"),
            let input = try? Pipe(), let output = try? Pipe()
        else { return nil }
        let names: [String] = ["PATH", "HOME", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME"]
        let environment = names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        guard let pid = try? Program.spawn(path, arguments: [path, "get"], environment: environment, descriptors: [input.reading.raw, output.writing.raw, -1]) else { return nil }
        input.reading.close()
        output.writing.close()
        try? File.write(input.writing.raw, Array(registry.utf8))
        input.writing.close()
        let bytes = (try? File.readAll(fd: output.reading.raw, limit: 1 << 20)) ?? []
        _ = try? Child.wait(pid)
        struct Answer: Decodable { var Username, Secret: String }
        return (try? JSONDecoder().decode(Answer.self, from: Data(bytes))).map { RegistryLogin(user: $0.Username, secret: $0.Secret) }
    }
}

enum ImageDomain {
    /// The registry that an image's name means.
    static func of(_ image: String) -> String {
        guard let slash = image.firstIndex(of: "/") else { return "docker.io" }
        let first = image[..<slash]
        return first.contains(".") || first.contains(":") || first == "localhost" ? (first == "index.docker.io" ? "docker.io" : String(first)) : "docker.io"
    }
}
