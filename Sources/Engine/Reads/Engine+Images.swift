import FoundationEssentials
import Images
import OCI
import StackModel

extension Engine {
    private func store() throws(Failure) -> ImageStore {
        guard let imageStore else { throw Failure(code: .unsupported, what: "images", cause: "this engine has no image store") }
        return imageStore
    }

    private func withStore<Value: Sendable>(_ what: String, _ body: @escaping @Sendable (ImageStore) throws(ImageError) -> Value) async throws -> Value {
        let store = try store()
        return try await world.pool.run {
            do throws(ImageError) { return try body(store) } catch { throw Failure(error, what) }
        }
    }

    public func images() async throws -> [ImageSummary] {
        guard imageStore != nil else { return [] }
        let uses = Dictionary(grouping: world.facts.everything(), by: \.imageID).mapValues { $0.map(\.id) }
        return try await withStore("list images") { store throws(ImageError) in
            try store.list().map { ImageSummary($0, usedBy: uses[$0.id] ?? []) }
        }
    }

    /// - Returns: JSON.
    public func imageInspect(_ reference: String) async throws -> String {
        let image = try await find(reference)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(ImageInspection(image)) else { throw Failure(code: .internal, what: "inspect \(reference)") }
        return String(decoding: data, as: UTF8.self)
    }

    private func find(_ reference: String) async throws -> ImageRecord {
        let found = try await withStore("image \(reference)") { store throws(ImageError) in try store.resolve(reference) }
        guard let found else {
            throw Failure(code: .notFound, what: "there is no image \"\(reference)\"", hint: "see `gantry image ls`")
        }
        return found
    }

    /// Reads a docker archive, OCI archive or OCI layout in an archive from a descriptor, which stays the caller's.
    public func imageLoad(fd: Int32) async throws -> [ImageSummary] {
        let loaded = try await withStore("load images") { store throws(ImageError) in try store.load(fd: fd) }
        for image in loaded { world.tell(stack: "", "image", "load", image.record.names.first ?? image.record.id) }
        return loaded.map { ImageSummary($0.record, usedBy: []) }
    }

    /// Reads an archive or a folder of this host.
    public func imageLoad(path: String) async throws -> [ImageSummary] {
        let loaded = try await withStore("load \(path)") { store throws(ImageError) in try store.load(path: path) }
        for image in loaded { world.tell(stack: "", "image", "load", image.record.names.first ?? image.record.id) }
        return loaded.map { ImageSummary($0.record, usedBy: []) }
    }

    /// Makes an image of one layer from the archive of a root filesystem.
    public func imageImport(fd: Int32, name: String, changes: [String]) async throws -> ImageSummary {
        let loaded = try await withStore("import \(name)") { store throws(ImageError) in
            try store.importRootfs(fd: fd, name: name, changes: changes)
        }
        world.tell(stack: "", "image", "import", name)
        return ImageSummary(loaded.record, usedBy: [])
    }

    public func imageTag(_ source: String, as name: String) async throws {
        _ = try await find(source)
        try await withStore("tag \(source) as \(name)") { store throws(ImageError) in try store.tag(source, as: name) }
        world.tell(stack: "", "image", "tag", name)
    }

    /// - Returns: names and ids that are gone.
    public func imageRemove(_ reference: String, force: Bool) async throws -> [String] {
        _ = try await find(reference)
        let inUse = Set(world.facts.everything().map(\.imageID))
        let removed = try await withStore("remove image \(reference)") { store throws(ImageError) in
            try store.remove(reference, force: force, inUse: inUse)
        }
        world.tell(stack: "", "image", "delete", reference)
        return removed
    }
}

extension Failure {
    init(_ error: ImageError, _ what: String) { self.init(code: .invalid, what: what, cause: "\(error)") }
}

extension ImageSummary {
    init(_ image: ImageRecord, usedBy: [String]) {
        self.init(id: image.id, names: image.names, size: image.size, createdAt: nil, usedBy: usedBy)
    }
}

/// What `image inspect` prints: the fields that scripts look for.
private struct ImageInspection: Encodable {
    var Id: String
    var RepoTags: [String]
    var Size: Int
    var Config: ImageConfig
    var RootFS: Layers
    struct Layers: Encodable {
        var `Type` = "layers"
        var Layers: [String]
    }
    init(_ image: ImageRecord) {
        Id = image.id
        RepoTags = image.names
        Size = image.size
        Config = image.config
        RootFS = .init(Layers: image.layers)
    }
}
