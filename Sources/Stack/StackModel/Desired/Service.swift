/// One service of a stack: what each of its replicas looks like and how many there are.
///
/// Field names follow the Compose Specification; every field holds its resolved value. Fields that do not ask for a replacement
/// of the container when they change (replicas, restart, dependsOn, profiles…) are told apart by `Difference`.
public struct Service: Codable, Sendable, Hashable {
    public var name: String
    public var image: String
    public var pullPolicy: String?
    /// `nil`: the image's own.
    public var entrypoint: [String]?
    public var command: [String]?
    public var environment: [String: String] = [:]
    public var ports: [PortMapping] = []
    public var expose: [String] = []
    public var mounts: [ServiceMount] = []
    /// Key: the network's name in the stack. Empty when `networkMode` is not `.networks`.
    public var networks: [String: NetworkAttachment] = [:]
    public var networkMode: NetworkMode = .networks
    public var dependsOn: [String: Dependency] = [:]
    public var healthcheck: Healthcheck?
    public var restart: RestartPolicy = RestartPolicy()
    public var containerName: String?
    public var hostname: String?
    public var domainname: String?
    public var user: String?
    public var groupAdd: [String] = []
    public var workingDir: String?
    public var labels: [String: String] = [:]
    public var annotations: [String: String] = [:]
    /// `SIGTERM`, `SIGUSR1`, `15`…; `nil`: the image's own, else SIGTERM.
    public var stopSignal: String?
    public var stopGracePeriod: Milliseconds = 10_000
    public var initProcess: Bool = false
    public var tty: Bool = false
    public var stdinOpen: Bool = false
    public var readOnly: Bool = false
    public var privileged: Bool = false
    public var capAdd: [String] = []
    public var capDrop: [String] = []
    public var securityOpt: [String] = []
    public var sysctls: [String: String] = [:]
    public var ulimits: [String: Ulimit] = [:]
    /// Bytes.
    public var shmSize: Int?
    public var pidMode: String?
    public var ipcMode: String?
    public var oomScoreAdj: Int?
    public var resources: ServiceResources = ServiceResources()
    public var extraHosts: [ExtraHost] = []
    public var dns: [String] = []
    public var dnsSearch: [String] = []
    public var dnsOptions: [String] = []
    public var logging: Logging?
    public var secrets: [FileReference] = []
    public var configs: [FileReference] = []
    public var replicas: Int = 1
    public var updateConfig: UpdateConfig?
    public var rollbackConfig: UpdateConfig?
    public var profiles: [String] = []
    public var extensions: [String: Value] = [:]

    public init(name: String, image: String) {
        self.name = name
        self.image = image
    }
}
