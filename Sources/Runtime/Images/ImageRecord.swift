import OCI

/// An image on this host.
public struct ImageRecord: Codable, Sendable, Hashable {
    /// `sha256:…` of its configuration.
    public var id: String
    /// As people know them: `nginx:1.27`.
    public var names: [String]
    public var config: ImageConfig
    /// Digests of the uncompressed layers, lowest first.
    public var layers: [String]
    /// Bytes of the layers as they were stored.
    public var size: Int
    /// RFC 3339, as the image's maker wrote it.
    public var created: String?

    public init(id: String, names: [String], config: ImageConfig, layers: [String], size: Int, created: String? = nil) {
        self.id = id
        self.names = names
        self.config = config
        self.layers = layers
        self.size = size
        self.created = created
    }
}

/// An image that a load brought, and the names that moved to it.
public struct LoadedImage: Sendable, Hashable {
    public var record: ImageRecord
    public init(record: ImageRecord) { self.record = record }
}

/// A user as an image's own files say.
public struct ResolvedUser: Sendable, Hashable, Codable {
    public var uid: UInt32
    public var gid: UInt32
    /// Further groups.
    public var groups: [UInt32]
    public var home: String
    public init(uid: UInt32, gid: UInt32, groups: [UInt32] = [], home: String = "/") {
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.home = home
    }
}
