/// A pointer to content: image-spec, descriptor.md.
public struct Descriptor: Codable, Sendable, Hashable {
    public var mediaType: String?
    public var digest: Digest
    public var size: Int
    public var platform: Platform?
    public var annotations: [String: String]?

    public init(mediaType: String?, digest: Digest, size: Int, platform: Platform? = nil, annotations: [String: String]? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
    }
}

public struct Platform: Codable, Sendable, Hashable {
    public var architecture: String
    public var os: String
    public var variant: String?

    public init(architecture: String, os: String, variant: String? = nil) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
    }

    /// This machine.
    public static var current: Platform {
        #if arch(arm64)
            Platform(architecture: "arm64", os: "linux")
        #else
            Platform(architecture: "amd64", os: "linux")
        #endif
    }

    public func runs(on host: Platform) -> Bool { architecture == host.architecture && os == host.os }
}

/// image-spec, manifest.md, and Docker's manifest version 2 schema 2, which has the same fields.
public struct ImageManifest: Codable, Sendable, Hashable {
    public var schemaVersion: Int
    public var mediaType: String?
    public var config: Descriptor
    public var layers: [Descriptor]

    public init(mediaType: String? = nil, config: Descriptor, layers: [Descriptor]) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
    }
}

/// image-spec, image-index.md, and Docker's manifest list.
public struct ImageIndex: Codable, Sendable, Hashable {
    public var schemaVersion: Int
    public var mediaType: String?
    public var manifests: [Descriptor]

    public init(manifests: [Descriptor]) {
        schemaVersion = 2
        self.manifests = manifests
    }

    public static let nameAnnotation = "org.opencontainers.image.ref.name"
    /// containerd and docker write the full name here.
    public static let fullNameAnnotation = "io.containerd.image.name"
}

/// An image in the `manifest.json` of a docker archive (`docker save`).
public struct DockerArchiveEntry: Codable, Sendable, Hashable {
    public var Config: String
    public var RepoTags: [String]?
    public var Layers: [String]
    public init(Config: String, RepoTags: [String]?, Layers: [String]) {
        self.Config = Config
        self.RepoTags = RepoTags
        self.Layers = Layers
    }
}
