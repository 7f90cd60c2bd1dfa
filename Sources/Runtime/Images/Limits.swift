/// How much an archive may turn out to hold: against bombs that are small on the wire and endless when unpacked.
public struct UnpackLimits: Sendable, Hashable {
    /// Bytes of one layer, unpacked.
    public var layerBytes: Int64
    /// Files of one layer.
    public var layerEntries: Int
    /// Bytes of the archive as it comes.
    public var archiveBytes: Int64

    public init(layerBytes: Int64 = 64 << 30, layerEntries: Int = 4_000_000, archiveBytes: Int64 = 128 << 30) {
        self.layerBytes = layerBytes
        self.layerEntries = layerEntries
        self.archiveBytes = archiveBytes
    }
}
