import Linux
import OCI

/// The uncompressed bytes of a layer, counted and hashed as they pass.
final class LayerStream: Archive.Source {
    private let hasher = SHA256()
    private let limit: Int64
    private var count: Int64 = 0
    private var hasEnded = false
    private let reader: RawReader

    /// - Parameter fd: the layer as it is stored, compressed or not.
    init(fd: Int32, limit: Int64) throws(ImageError) {
        self.limit = limit
        reader = RawReader(try Archive(fd: fd, raw: true))
    }

    func next() throws(ImageError) -> UnsafeRawBufferPointer {
        if hasEnded { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let bytes = try reader.next()
        if bytes.isEmpty {
            hasEnded = true
            return bytes
        }
        count += Int64(bytes.count)
        if count > limit {
            throw ImageError(
                .tooBig, "the layer unpacks to more than \(limit >> 20) MiB",
                hint: "if that is meant, raise the limit; it guards against archives made to fill the disk")
        }
        hasher.update(bytes)
        return bytes
    }

    /// Reads what the archive's reader left (padding) and gives the digest of all: the layer's diff id.
    func finish() throws(ImageError) -> Digest {
        while !hasEnded { _ = try next() }
        return Digest(bytes: hasher.finish())
    }
}

/// The data of a raw archive, block by block.
final class RawReader {
    private let raw: Archive
    private var hasBegun = false

    init(_ raw: Archive) { self.raw = raw }

    func next() throws(ImageError) -> UnsafeRawBufferPointer {
        if !hasBegun {
            hasBegun = true
            guard try raw.next() != nil else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        }
        return try raw.block()
    }
}
