/// The name of an entry in a layer, taken apart: relative, without `.` and `..`.
struct LayerPath: Hashable {
    let parents: [String]
    /// Empty for the root itself.
    let name: String

    /// - Throws: `.hostile` for names that would lead out of the layer.
    init(_ text: String) throws(ImageError) {
        guard !text.hasPrefix("/") else { throw ImageError(.hostile, "the layer has an absolute name: \"\(text)\"") }
        var parts: [String] = []
        for part in text.split(separator: "/") where part != "." {
            guard part != ".." else { throw ImageError(.hostile, "the layer has a name with \"..\": \"\(text)\"") }
            guard part.utf8.count <= 255 else { throw ImageError(.invalid, "the layer has a name that is too long: \"\(part.prefix(40))…\"") }
            parts.append(String(part))
        }
        name = parts.popLast() ?? ""
        parents = parts
    }

    var parent: String { parents.joined(separator: "/") }

    /// What a name with `.wh.` stands for (image-spec, layer.md, "Whiteouts").
    enum Meaning: Hashable {
        case file
        /// Everything that lower layers have in this folder is gone.
        case opaque
        /// The file of this name of lower layers is gone.
        case whiteout(String)
        /// Bookkeeping of aufs that other programs leave in layers.
        case ignored
    }

    var meaning: Meaning {
        if name == ".wh..wh..opq" { return .opaque }
        if name.hasPrefix(".wh..wh.") { return .ignored }
        if name.hasPrefix(".wh.") { return .whiteout(String(name.dropFirst(4))) }
        return .file
    }
}
