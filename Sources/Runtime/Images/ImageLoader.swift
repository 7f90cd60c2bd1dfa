import FoundationEssentials
import Linux
import OCI

/// Reads the images of an archive or layout: what `docker save`, skopeo and umoci write.
struct ImageLoader: Sendable {
    let layers: LayerStore
    let limits: UnpackLimits
    var platform = Platform.current

    /// An image whose layers are unpacked.
    struct Found {
        var document: ImageDocument
        var configBytes: [UInt8]
        var names: [String]
        var size: Int
        var id: Digest { SHA256.digest(of: configBytes) }
    }

    func load(_ files: some ImageFiles) throws(ImageError) -> [Found] {
        // Docker 25 and later write both kinds of index into one archive; manifest.json has the names as people gave them.
        if files.has("manifest.json") { return try dockerArchive(files) }
        if files.has("index.json") { return try layout(files) }
        throw ImageError(
            .invalid, "this is no image archive: it has neither manifest.json nor index.json",
            hint: "a root filesystem is read with `gantry image import`")
    }

    // MARK: docker archive

    private func dockerArchive(_ files: some ImageFiles) throws(ImageError) -> [Found] {
        let entries = try decode([DockerArchiveEntry].self, files.bytes("manifest.json"), "manifest.json")
        var found: [Found] = []
        for entry in entries {
            let config = try files.bytes(entry.Config)
            let stem = entry.Config.split(separator: "/").last.map { $0.hasSuffix(".json") ? String($0.dropLast(5)) : String($0) } ?? ""
            if let named = Digest(hex: stem), named != SHA256.digest(of: config) {
                throw ImageError(.mismatch, "the configuration \(named) has other content than its digest says", hint: "the file is damaged or was tampered with")
            }
            let document = try decode(ImageDocument.self, config, entry.Config)
            let size = try unpack(entry.Layers.map { ($0, nil) }, of: document, files)
            found.append(Found(document: document, configBytes: config, names: try entry.RepoTags.map(names) ?? [], size: size))
        }
        return found
    }

    private func names(_ texts: [String]) throws(ImageError) -> [String] {
        var names: [String] = []
        for text in texts {
            guard let reference = Reference(text) else { throw ImageError(.invalid, "\"\(text)\" is no image name") }
            names.append(reference.tagged.familiar)
        }
        return names
    }

    // MARK: OCI layout

    private func layout(_ files: some ImageFiles) throws(ImageError) -> [Found] {
        let index = try decode(ImageIndex.self, files.bytes("index.json"), "index.json")
        var found: [Found] = []
        for descriptor in index.manifests {
            let manifest = try manifest(descriptor, files, depth: 0)
            guard let manifest else { continue }
            let config = try files.blob(manifest.config)
            let document = try decode(ImageDocument.self, config, "the configuration of \(descriptor.digest)")
            let size = try unpack(manifest.layers.map { (Self.blobName($0.digest), $0) }, of: document, files)
            found.append(Found(document: document, configBytes: config, names: names(descriptor), size: size))
        }
        if found.isEmpty { throw ImageError(.unsupported, "the layout has no image for \(platform.os)/\(platform.architecture)") }
        return found
    }

    private static func blobName(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }

    /// A reference name may be a tag alone (umoci), which is no name for an image.
    private func names(_ descriptor: Descriptor) -> [String] {
        let annotations = descriptor.annotations ?? [:]
        let full = annotations[ImageIndex.fullNameAnnotation] ?? annotations[ImageIndex.nameAnnotation]
        guard let full, full.contains(":") || full.contains("/"), let reference = Reference(full) else { return [] }
        return [reference.tagged.familiar]
    }

    /// The manifest for this machine; indexes may hold indexes.
    private func manifest(_ descriptor: Descriptor, _ files: some ImageFiles, depth: Int) throws(ImageError) -> ImageManifest? {
        guard depth < 4 else { throw ImageError(.invalid, "the layout's indexes are nested too deeply") }
        if let wanted = descriptor.platform, !wanted.runs(on: platform) { return nil }
        let bytes = try files.blob(descriptor)
        if let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(bytes)) { return manifest }
        let index = try decode(ImageIndex.self, bytes, "\(descriptor.digest)")
        for inner in index.manifests {
            if let found = try manifest(inner, files, depth: depth + 1) { return found }
        }
        return nil
    }

    // MARK: layers

    /// - Returns: bytes of the layers as they are stored.
    private func unpack(
        _ stored: [(name: String, descriptor: Descriptor?)], of document: ImageDocument, _ files: some ImageFiles
    ) throws(ImageError) -> Int {
        let expected = document.rootfs.diff_ids
        guard expected.count == stored.count else {
            throw ImageError(.mismatch, "the manifest has \(stored.count) layers and the configuration \(expected.count)", hint: "the file is damaged or was tampered with")
        }
        if let os = document.os, os != platform.os { throw ImageError(.unsupported, "the image is for \(os)") }
        if let architecture = document.architecture, architecture != platform.architecture {
            throw ImageError(.unsupported, "the image is for \(architecture), and this machine is \(platform.architecture)")
        }
        var size = 0
        for (layer, diffID) in zip(stored, expected) {
            let fd = try files.open(layer.name)
            if let descriptor = layer.descriptor, !layers.has(diffID) { try check(fd.raw, descriptor) }
            _ = try layers.add(fd: fd.raw, expected: diffID, limits: limits)
            size += Int((try? File.status(fd: fd.raw).size) ?? 0)
        }
        return size
    }

    /// Compares a blob with its descriptor before anything of it is unpacked.
    private func check(_ fd: Int32, _ descriptor: Descriptor) throws(ImageError) {
        let hasher = SHA256()
        var offset: Int64 = 0
        while true {
            let at = offset
            let bytes = try doing("read layer \(descriptor.digest)") { () throws(SyscallError) in
                try File.read(fd, at: at, count: 1 << 20)
            }
            if bytes.isEmpty { break }
            hasher.update(bytes)
            offset += Int64(bytes.count)
        }
        guard Digest(bytes: hasher.finish()) == descriptor.digest, offset == Int64(descriptor.size) else {
            throw ImageError(.mismatch, "layer \(descriptor.digest) has other content than its digest says", hint: "the file is damaged or was tampered with")
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], _ what: String) throws(ImageError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw ImageError(.invalid, "\(what) cannot be read: \(Self.sentence(error))")
        }
    }

    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, _): return "it has no \"\(key.stringValue)\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}
