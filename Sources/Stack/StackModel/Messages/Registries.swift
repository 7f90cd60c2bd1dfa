/// A name and a secret for a registry. Its description hides both.
public struct RegistryLogin: Codable, Sendable, Hashable, CustomStringConvertible {
    public var user: String
    public var secret: String
    public init(user: String, secret: String) {
        self.user = user
        self.secret = secret
    }
    public var description: String { "login" }
}

/// What `pull` and `image pull` ask for.
public struct PullRequest: Codable, Sendable, Hashable {
    public var images: [String]
    /// By the registry's domain, as it stands in image names. The daemon keeps none of them.
    public var logins: [String: RegistryLogin]
    public init(images: [String], logins: [String: RegistryLogin] = [:]) {
        self.images = images
        self.logins = logins
    }
}

/// What `login` asks for.
public struct LoginCheck: Codable, Sendable, Hashable {
    public var domain: String
    public var login: RegistryLogin
    public init(domain: String, login: RegistryLogin) {
        self.domain = domain
        self.login = login
    }
}
