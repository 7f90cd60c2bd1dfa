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

    /// `image nginx:1.25 → nginx:1.27`, `environment.DEBUG 1 removed`, `user 1000 added`.
    public var sentence: String {
        switch (old, new) {
        case (let old?, let new?): return "\(field) \(old) → \(new)"
        case (let old?, nil): return "\(field) \(old) removed"
        case (nil, let new?): return "\(field) \(new) added"
        case (nil, nil): return "\(field) changed"
        }
    }
}

/// Field-wise comparison of specifications; sorted by field name.
public enum Difference {
    /// Fields of a service whose change asks for a new container. Fields that only steer the reconciler (replicas, restart,
    /// depends_on, profiles, update_config, stop_grace_period…) are not among them.
    public static func recreating(from old: Service, to new: Service) -> [FieldChange] {
        if old == new { return [] }
        var fields = FieldComparison(old: old, new: new)
        fields.compareProcess()
        fields.compareIsolation()
        fields.compareResources()
        fields.compareWiring()
        return fields.sorted
    }

    /// Fields of a service that take effect without a new container.
    public static func steering(from old: Service, to new: Service) -> [FieldChange] {
        if old == new { return [] }
        var fields = FieldComparison(old: old, new: new)
        fields.compareSteering()
        return fields.sorted
    }

    /// Fields of a network whose change asks for a new network.
    public static func recreating(from old: Network, to new: Network) -> [FieldChange] {
        if old == new { return [] }
        var fields = FieldComparison(old: old, new: new)
        fields.text("name", \.name)
        fields.flag("external", \.external)
        fields.text("driver", \.driver)
        fields.map("driver_opts", \.driverOptions) { $0 }
        fields.flag("internal", \.isInternal)
        fields.value("enable_ipv4", \.enableIPv4, String.init)
        fields.flag("enable_ipv6", \.enableIPv6)
        fields.list("ipam.config", \.subnets) { subnet in
            var parts = [subnet.subnet ?? "any"]
            if let gateway = subnet.gateway { parts.append("gateway \(gateway)") }
            if let range = subnet.ipRange { parts.append("range \(range)") }
            parts += subnet.auxAddresses.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            return parts.joined(separator: " ")
        }
        return fields.sorted
    }

    /// Fields of a volume whose change asks for a new volume, which would lose its data.
    public static func recreating(from old: Volume, to new: Volume) -> [FieldChange] {
        if old == new { return [] }
        var fields = FieldComparison(old: old, new: new)
        fields.text("name", \.name)
        fields.flag("external", \.external)
        fields.text("driver", \.driver)
        fields.map("driver_opts", \.driverOptions) { $0 }
        return fields.sorted
    }
}
