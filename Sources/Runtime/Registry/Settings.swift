/// How registries are reached: `<root>/registries.json`.
public struct RegistrySettings: Codable, Sendable, Hashable {
    /// Hosts that are spoken to without TLS, as they stand in image names: `registry.example:5000`. This machine always may be.
    public var insecure: [String]
    /// A file of certificates to trust instead of the host's.
    public var authorities: String?
    /// Domain → the base address that is asked instead: `"docker.io": "https://mirror.example"`.
    public var mirrors: [String: String]

    public init(insecure: [String] = [], authorities: String? = nil, mirrors: [String: String] = [:]) {
        self.insecure = insecure
        self.authorities = authorities
        self.mirrors = mirrors
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        insecure = try container.decodeIfPresent([String].self, forKey: .insecure) ?? []
        authorities = try container.decodeIfPresent(String.self, forKey: .authorities)
        mirrors = try container.decodeIfPresent([String: String].self, forKey: .mirrors) ?? [:]
    }

    /// The base address of a domain, without a slash at its end.
    func base(of domain: String) -> String {
        if let mirror = mirrors[domain] { return mirror.hasSuffix("/") ? String(mirror.dropLast()) : mirror }
        if domain == "docker.io" { return "https://registry-1.docker.io" }
        let host = domain.split(separator: ":").first.map(String.init) ?? domain
        let isHere = host == "localhost" || host.hasPrefix("127.") || domain.hasPrefix("[::1]")
        return (isHere || insecure.contains(domain) ? "http://" : "https://") + domain
    }
}
