import FoundationEssentials
import Linux
import OCI
import Synchronization

/// The images of this host below `<root>/images`: configurations by digest in `blobs/sha256`, unpacked layers in `layers`, names in
/// `index.json`. Safe from many threads; a process that is killed at any moment leaves whole images only.
public struct ImageStore: Sendable {
    let folder: String
    let layerStore: LayerStore
    let limits: UnpackLimits
    let index: ImageIndexFile

    public init(root: String, limits: UnpackLimits = UnpackLimits()) throws(ImageError) {
        let folder = "\(root)/images"
        self.folder = folder
        self.limits = limits
        layerStore = LayerStore(folder: "\(folder)/layers", temporary: "\(folder)/tmp")
        try doing("prepare \(folder)") { () throws(SyscallError) in
            try File.makeDirectories(folder, mode: 0o700)
            // What a killed process left half made.
            try File.removeTree("\(folder)/tmp")
            for name in ["tmp", "layers", "blobs/sha256"] { try File.makeDirectories("\(folder)/\(name)", mode: 0o700) }
        }
        index = try ImageIndexFile(path: "\(folder)/index.json")
    }

    // MARK: bringing images

    /// Reads a docker archive, OCI archive or OCI layout in an archive from a descriptor, which may be a pipe; compressed or not.
    public func load(fd: Int32) throws(ImageError) -> [LoadedImage] {
        let spool = try Spool(fd: fd, temporary: "\(folder)/tmp", limits: limits)
        guard !spool.isEmpty else { throw ImageError(.invalid, "the archive is empty or no archive", hint: "give what `docker save` or skopeo wrote") }
        return try keep(try ImageLoader(layers: layerStore, limits: limits).load(spool))
    }

    /// Reads an archive, or a folder that is an OCI layout.
    public func load(path: String) throws(ImageError) -> [LoadedImage] {
        let isFolder = try doing("open \(path)") { () throws(SyscallError) in try File.status(path).isFolder }
        if isFolder { return try keep(try ImageLoader(layers: layerStore, limits: limits).load(try LayoutFolder(path))) }
        let fd = try doing("open \(path)") { () throws(SyscallError) in try File.open(path, flags: File.readOnly) }
        return try load(fd: fd.raw)
    }

    /// Makes an image of one layer from the archive of a root filesystem.
    /// - Parameter changes: lines as in a Dockerfile: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `LABEL`, `STOPSIGNAL`, `USER`, `VOLUME`, `WORKDIR`.
    public func importRootfs(fd: Int32, name: String, changes: [String] = [], created: String? = nil) throws(ImageError) -> LoadedImage {
        guard let reference = Reference(name), reference.digest == nil else { throw ImageError(.invalid, "\"\(name)\" is no image name") }
        var config = ImageConfig()
        for change in changes { try config.apply(change) }
        let diffID = try layerStore.add(fd: fd, expected: nil, limits: limits)
        let document = ImageDocument(config: config, diffIDs: [diffID], created: created)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else { throw ImageError(.invalid, "the image's configuration cannot be written") }
        let size = Int((try? File.status(fd: fd).size) ?? 0)
        let found = ImageLoader.Found(document: document, configBytes: Array(data), names: [reference.tagged.familiar], size: size)
        guard let loaded = try keep([found]).first else { throw ImageError(.system, "the image was not kept") }
        return loaded
    }

    func keep(_ found: [ImageLoader.Found]) throws(ImageError) -> [LoadedImage] {
        var loaded: [LoadedImage] = []
        for image in found {
            let id = image.id
            let path = "\(folder)/blobs/sha256/\(id.hex)"
            try doing("write image \(id)") { () throws(SyscallError) in try File.writeAtomically(path, image.configBytes, mode: 0o600) }
            let record = ImageRecord(
                id: id.description, names: [], config: image.document.config ?? ImageConfig(),
                layers: image.document.rootfs.diff_ids.map(\.description), size: image.size, created: image.document.created)
            try index.change { index in
                index.images[record.id] = record
                for name in image.names { index.names[name] = record.id }
            }
            loaded.append(LoadedImage(record: index.named(record)))
        }
        return loaded
    }

    // MARK: finding images

    public func list() throws(ImageError) -> [ImageRecord] { index.all() }

    /// By name (`nginx`, `nginx:1.27`), id or the beginning of one.
    /// - Throws: `.ambiguous` when several images' ids begin so.
    public func resolve(_ reference: String) throws(ImageError) -> ImageRecord? {
        if let found = index.find(name: reference) { return found }
        if let name = Reference(reference)?.tagged.familiar, let found = index.find(name: name) { return found }
        let prefix = reference.hasPrefix("sha256:") ? String(reference.dropFirst(7)) : reference
        guard prefix.utf8.count >= 4, prefix.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        let found = index.all().filter { $0.id.dropFirst(7).hasPrefix(prefix) }
        if found.count > 1 { throw ImageError(.ambiguous, "\(found.count) images' ids begin with \"\(prefix)\"", hint: "give more of the id") }
        return found.first
    }

    /// Absolute folders of the image's layers, top first: overlayfs's lowerdir.
    public func layers(of image: ImageRecord) -> [String] {
        image.layers.reversed().compactMap { Digest($0).map(layerStore.path) }
    }

    /// Reads a user's name or number with the image's own passwd and group files.
    /// - Parameter upper: a container's writable layer, whose files come before the image's.
    public func user(_ text: String, in image: ImageRecord, upper: String?) throws(ImageError) -> ResolvedUser {
        let view = try LayerView((upper.map { [$0] } ?? []) + layers(of: image))
        return try Accounts(passwd: try view.text("/etc/passwd") ?? "", group: try view.text("/etc/group") ?? "").resolve(text)
    }

    /// Groups by name or number.
    public func groups(_ names: [String], in image: ImageRecord) throws(ImageError) -> [UInt32] {
        if names.isEmpty { return [] }
        let view = try LayerView(layers(of: image))
        let accounts = Accounts(passwd: "", group: try view.text("/etc/group") ?? "")
        var gids: [UInt32] = []
        for name in names { gids.append(try accounts.gid(name)) }
        return gids
    }

    /// Copies the folder at `path` of the image into the folder `volume`, which is empty. Nothing there: nothing is copied.
    public func seed(volume: String, from path: String, in image: ImageRecord) throws(ImageError) {
        guard case .folder(let folder)? = try LayerView(layers(of: image)).find(path) else { return }
        let fd = try doing("open \(volume)") { () throws(SyscallError) in try File.open(volume, flags: File.folder) }
        try Seed.copy(folder, to: fd.raw)
    }
}
