import Linux
import OCI

extension ImageStore {
    /// Gives an image one more name; a name that another image had moves.
    public func tag(_ source: String, as name: String) throws(ImageError) {
        guard let reference = Reference(name), reference.digest == nil else {
            throw ImageError(.invalid, "\"\(name)\" is no image name", hint: "use lower-case letters, digits and - _ . /, and :TAG after it")
        }
        guard let image = try resolve(source) else { throw ImageError(.notFound, "there is no image \"\(source)\"") }
        try index.change { $0.names[reference.tagged.familiar] = image.id }
    }

    /// Removes a name; the image goes with its last one, and layers that no other image has.
    /// - Parameters:
    ///   - force: all names of an image that was given by id.
    ///   - inUse: ids of images that containers use; these stay.
    /// - Returns: names, and ids of images that are gone.
    public func remove(_ reference: String, force: Bool, inUse: Set<String>) throws(ImageError) -> [String] {
        guard let image = try resolve(reference) else { throw ImageError(.notFound, "there is no image \"\(reference)\"") }
        let name = image.names.first { $0 == reference || $0 == Reference(reference)?.tagged.familiar }
        if name == nil, image.names.count > 1, !force {
            throw ImageError(.inUse, "image \(reference) has several names: \(image.names.joined(separator: ", "))", hint: "remove them by name, or use --force")
        }
        let removed = name.map { [$0] } ?? image.names
        let isLast = removed.count == image.names.count
        if isLast, inUse.contains(image.id) {
            throw ImageError(.inUse, "image \(reference) is used by containers", hint: "remove them first, with `gantry down`")
        }
        try index.change { index in
            for name in removed { index.names[name] = nil }
            if isLast { index.images[image.id] = nil }
        }
        guard isLast else { return removed }
        try forget(image)
        return removed + [image.id]
    }

    /// Removes what only this image had.
    private func forget(_ image: ImageRecord) throws(ImageError) {
        let needed = Set(index.all().flatMap(\.layers))
        for layer in image.layers where !needed.contains(layer) {
            if let digest = Digest(layer) { try layerStore.remove(digest) }
        }
        if let digest = Digest(image.id) {
            let path = "\(folder)/blobs/sha256/\(digest.hex)"
            try doing("remove image \(image.id)") { () throws(SyscallError) in try File.remove(path) }
        }
    }
}
