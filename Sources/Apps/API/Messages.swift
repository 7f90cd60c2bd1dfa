/// Small bodies of requests and answers that have no other home.
public struct VersionInfo: Codable, Sendable, Hashable {
    public var version: String
    public var api: Int
    public init(version: String, api: Int = 1) {
        self.version = version
        self.api = api
    }
    /// Of this build.
    public static let current = VersionInfo(version: "0.1.0")
}

public struct ImageTagRequest: Codable, Sendable, Hashable {
    public var source: String
    public var name: String
    public init(source: String, name: String) {
        self.source = source
        self.name = name
    }
}

public struct ImageRemoveRequest: Codable, Sendable, Hashable {
    public var reference: String
    public var force: Bool
    public init(reference: String, force: Bool) {
        self.reference = reference
        self.force = force
    }
}

public struct StopRequest: Codable, Sendable, Hashable {
    /// Take the stacks down too.
    public var all: Bool
    public init(all: Bool) { self.all = all }
}
