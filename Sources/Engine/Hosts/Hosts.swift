import Containers
import Images
import Networks

/// What runs containers. A protocol because the fakes tier implements it.
protocol ContainerHost: Sendable {
    func create(_ record: ContainerRecord) throws(RuntimeError)
    /// Returns what of the record could not be had here (a limit without its controller), as sentences.
    @discardableResult
    func start(_ id: String) throws(RuntimeError) -> [String]
    func signal(_ id: String, _ signal: Int32) throws(RuntimeError)
    func killAll(_ id: String) throws(RuntimeError)
    func pause(_ id: String) throws(RuntimeError)
    func resume(_ id: String) throws(RuntimeError)
    func delete(_ id: String) throws(RuntimeError)
    func status(_ id: String) throws(RuntimeError) -> ContainerStatus
    func record(_ id: String) throws(RuntimeError) -> ContainerRecord
    func exec(_ id: String, _ request: ExecRequest) throws(RuntimeError) -> ExecSession
    func changes() -> AsyncStream<String>
    func logFolder(_ id: String) -> String
    func removeEmptyCgroups()
}

extension ContainerRuntime: ContainerHost {}

/// What makes networks and connects containers to them.
protocol NetworkHost: Sendable {
    func create(_ network: NetworkRequest) throws(NetworkError) -> NetworkRecord
    func remove(_ id: String) throws(NetworkError)
    func list() -> [NetworkRecord]
    func attach(_ request: AttachRequest) throws(NetworkError) -> Attachment
    func detach(_ containerID: String) throws(NetworkError)
    func attached() -> [String]
    func setReady(_ containerID: String, _ ready: Bool)
    func portConflicts(_ ports: [PublishedPort], ignoring: Set<String>) -> [PortConflict]
    /// What was observed before counts no more: the next `inspect` looks anew.
    func touch()
    func inspect() throws(NetworkError) -> NetworkObservation
    func repair() throws(NetworkError) -> [String]
    func changes() -> AsyncStream<Void>
    func notes() -> [String]
    /// Waits until what is removed beside everything else is gone.
    func settle()
    func serve() async
}

extension NetworkRuntime: NetworkHost {}

/// Where images come from.
protocol ImageSource: Sendable {
    func resolve(_ reference: String) throws(ImageError) -> ImageRecord?
    func layers(of image: ImageRecord) -> [String]
    func user(_ text: String, in image: ImageRecord, upper: String?) throws(ImageError) -> ResolvedUser
    func groups(_ names: [String], in image: ImageRecord) throws(ImageError) -> [UInt32]
    func seed(volume: String, from path: String, in image: ImageRecord) throws(ImageError)
}

extension ImageStore: ImageSource {}
