import FoundationEssentials
import Linux
import OCI
import Registry
import Synchronization

/// How a pull goes on, layer by layer.
public struct PullProgress: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        /// It is on this machine.
        case exists
        case downloading(done: Int64, of: Int64)
        case unpacking
        case done
    }
    /// The beginning of the layer's digest.
    public var layer: String
    public var state: State
}

extension ImageStore {
    /// Fetches an image from its registry: what is on this machine is not fetched again, each layer is unpacked as soon as it is
    /// there, and nothing is kept whose digest is not right. Blocks its thread.
    /// - Parameter tell: called from several threads.
    public func pull(
        _ name: String, settings: RegistrySettings, credentials: Credentials?, cancellation: Cancellation,
        tell: @escaping @Sendable (PullProgress) -> Void
    ) throws(ImageError) -> ImageRecord {
        guard let reference = Reference(name) else { throw ImageError(.invalid, "\"\(name)\" is no image name") }
        let client = RegistryClient(reference, settings: settings, credentials: credentials, cancellation: cancellation)
        let (manifest, config) = try asking { () throws(RegistryError) in
            let manifest = try client.manifest(for: .current)
            return (manifest, try client.document(manifest.config))
        }
        guard let document = try? JSONDecoder().decode(ImageDocument.self, from: Data(config)) else {
            throw ImageError(.invalid, "the configuration of \(reference) cannot be read")
        }
        guard document.rootfs.diff_ids.count == manifest.layers.count else {
            throw ImageError(.mismatch, "the manifest of \(reference) has \(manifest.layers.count) layers and its configuration \(document.rootfs.diff_ids.count)")
        }
        let work = zip(manifest.layers, document.rootfs.diff_ids).map { LayerPull(descriptor: $0, diffID: $1) }
        try LayerPulls(store: self, client: client, cancellation: cancellation, tell: tell).run(work)
        let size = manifest.layers.reduce(0) { $0 + $1.size }
        let names = reference.digest == nil ? [reference.tagged.familiar] : [reference.familiar]
        let found = ImageLoader.Found(document: document, configBytes: config, names: names, size: size)
        guard let loaded = try keep([found]).first else { throw ImageError(.system, "the image was not kept") }
        return loaded.record
    }

    /// Whether a registry accepts these credentials.
    public func check(domain: String, settings: RegistrySettings, credentials: Credentials) throws(ImageError) {
        guard let reference = Reference("\(domain)/x") else { throw ImageError(.invalid, "\"\(domain)\" is no registry") }
        try asking { () throws(RegistryError) in try RegistryClient(reference, settings: settings, credentials: credentials, pauses: [500]).check() }
    }

    private func asking<Value>(_ body: () throws(RegistryError) -> Value) throws(ImageError) -> Value {
        do throws(RegistryError) { return try body() } catch { throw ImageError(error) }
    }
}

extension ImageError {
    init(_ error: RegistryError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .mismatch: .mismatch
            case .unsupported: .unsupported
            case .invalid: .invalid
            case .denied, .unreachable, .limited, .cancelled: .system
            }
        self.init(code, error.what + (error.cause.map { ": \($0)" } ?? ""), hint: error.hint)
    }
}

struct LayerPull: Sendable {
    var descriptor: Descriptor
    var diffID: Digest
    var short: String { String(descriptor.digest.hex.prefix(12)) }
}

/// The layers of one pull, a few at a time.
struct LayerPulls: Sendable {
    let store: ImageStore
    let client: RegistryClient
    let cancellation: Cancellation
    let tell: @Sendable (PullProgress) -> Void
    private static let threads = 4

    func run(_ work: [LayerPull]) throws(ImageError) {
        let state = PullState()
        let count = min(Self.threads, work.count)
        let pipe = try doing("begin the download") { () throws(SyscallError) in try Pipe() }
        var started = 0
        for _ in 0..<count {
            do throws(SyscallError) {
                try NamedThread.start("gantry-pull") {
                    while let layer = state.take(work) {
                        do throws(ImageError) { try pull(layer) } catch {
                            state.fail(error)
                            cancellation.cancel()
                        }
                    }
                    try? File.write(pipe.writing.raw, [0])
                }
                started += 1
            } catch {
                if started == 0 { throw ImageError(.system, "begin the download: \(error)") }
            }
        }
        for _ in 0..<started { _ = try? File.readSome(pipe.reading.raw, count: 1) }
        if let error = state.failed { throw error }
    }

    private func pull(_ layer: LayerPull) throws(ImageError) {
        if store.layerStore.has(layer.diffID) { return tell(PullProgress(layer: layer.short, state: .exists)) }
        let scratch = try Scratch(store.layerStore.temporary, "pull")
        defer { scratch.remove() }
        let path = "\(scratch.path)/blob"
        let out = try doing("keep the layer") { () throws(SyscallError) in try File.open(path, flags: File.newFile, mode: 0o600) }
        let size = Int64(layer.descriptor.size)
        tell(PullProgress(layer: layer.short, state: .downloading(done: 0, of: size)))
        do throws(RegistryError) {
            try client.blob(layer.descriptor, into: out.raw) { tell(PullProgress(layer: layer.short, state: .downloading(done: $0, of: size))) }
        } catch {
            throw ImageError(error)
        }
        tell(PullProgress(layer: layer.short, state: .unpacking))
        let fd = try doing("read the layer") { () throws(SyscallError) in try File.open(path, flags: File.readOnly) }
        _ = try store.layerStore.add(fd: fd.raw, expected: layer.diffID, limits: store.limits)
        tell(PullProgress(layer: layer.short, state: .done))
    }
}

/// What the threads of a pull share.
private final class PullState: Sendable {
    private let index = Atomic<Int>(0)
    private let failure = Mutex<ImageError?>(nil)

    func take(_ work: [LayerPull]) -> LayerPull? {
        if failed != nil { return nil }
        let position = index.add(1, ordering: .relaxed).oldValue
        return position < work.count ? work[position] : nil
    }

    /// The first counts: the others only follow from it.
    func fail(_ error: ImageError) { failure.withLock { $0 = $0 ?? error } }
    var failed: ImageError? { failure.withLock { $0 } }
}
