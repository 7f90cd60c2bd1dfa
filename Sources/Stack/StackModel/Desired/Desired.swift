/// What a stack is meant to be: the declared stack and what people asked of it since. Level-driven: each verb of the command
/// line changes this value, and the loop makes the world follow.
public struct Desired: Codable, Sendable, Hashable {
    public enum Presence: Codable, Sendable, Hashable {
        case up
        /// Containers and networks go; volumes too if asked.
        case down(removeVolumes: Bool)
    }
    public var stack: Stack
    public var presence: Presence = .up
    /// Services that shall exist: the active profiles' and the named ones with their dependencies. Others that exist are left
    /// alone as long as the stack declares them.
    public var services: Set<String>
    /// Services made but not started (`create`, `up --no-start`) or stopped on purpose (`stop`): no restart policy wakes them.
    public var stopped: Set<String> = []
    /// `rm`: stopped containers of these services are removed and not made again until the next `up`.
    public var removed: Set<String> = []
    /// A container that was made under a lower generation is replaced (`up --force-recreate`).
    public var recreateGeneration: [String: Int] = [:]
    /// A container that was started under a lower generation is stopped and started (`restart`).
    public var restartGeneration: [String: Int] = [:]
    /// `--no-recreate`: existing containers are kept as they are.
    public var keepExisting: Bool = false
    /// Remove containers of services that the stack no longer declares.
    public var removeOrphans: Bool = false
    /// `-t`: instead of each service's `stop_grace_period`.
    public var stopTimeout: Milliseconds?
    /// Images by reference as they were resolved when the revision was made: reference → image id.
    public var images: [String: String] = [:]

    public init(stack: Stack, services: Set<String>) {
        self.stack = stack
        self.services = services
    }
}
