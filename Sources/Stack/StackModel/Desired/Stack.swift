/// What a user declared in one or more stack files, resolved: every default filled in, every path absolute, every short form
/// turned into its long one. Two stacks that mean the same are equal.
public struct Stack: Codable, Sendable, Hashable {
    /// The project name of the Compose Specification: `[a-z0-9][a-z0-9_-]*`.
    public var name: String
    public var services: [String: Service]
    public var networks: [String: Network]
    public var volumes: [String: Volume]
    public var secrets: [String: FileObject]
    public var configs: [String: FileObject]
    /// The folder that relative paths were resolved against.
    public var workingDirectory: String
    /// The files the stack was read from, absolute.
    public var files: [String]
    /// Top-level `x-…` keys, as they were written.
    public var extensions: [String: Value]

    public init(
        name: String, services: [String: Service] = [:], networks: [String: Network] = [:], volumes: [String: Volume] = [:],
        secrets: [String: FileObject] = [:], configs: [String: FileObject] = [:], workingDirectory: String = "/",
        files: [String] = [], extensions: [String: Value] = [:]
    ) {
        self.name = name
        self.services = services
        self.networks = networks
        self.volumes = volumes
        self.secrets = secrets
        self.configs = configs
        self.workingDirectory = workingDirectory
        self.files = files
        self.extensions = extensions
    }
}
