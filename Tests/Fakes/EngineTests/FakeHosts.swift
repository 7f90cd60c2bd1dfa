import Containers
import Images
import Linux
import OCI
import RuntimeSpec
import StackModel
import Synchronization

@testable import Engine
@testable import Networks

/// Containers that only exist in mind. What is asked to fail, fails.
final class FakeContainers: ContainerHost {
    struct State {
        var records: [String: ContainerRecord] = [:]
        var states: [String: ContainerStatus.State] = [:]
        /// Calls in their order: `start p-web-1`.
        var calls: [String] = []
        /// `start p-web-1` → the error that this call gives.
        var failures: [String: RuntimeError] = [:]
        /// Containers that do not hear their stop signal.
        var deaf: Set<String> = []
    }
    let state = Mutex(State())
    private let ids: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (ids, continuation) = AsyncStream.makeStream(of: String.self) }

    private func call(_ what: String, _ id: String) throws(RuntimeError) {
        let failure = state.withLock { state -> RuntimeError? in
            let name = state.records[id].map { Self.name($0) } ?? id
            state.calls.append("\(what) \(name)")
            return state.failures["\(what) \(name)"]
        }
        if let failure { throw failure }
    }

    /// Records carry no name; the first word of the command is one in these tests.
    static func name(_ record: ContainerRecord) -> String { record.spec.process.args.first ?? record.id }

    func create(_ record: ContainerRecord) throws(RuntimeError) {
        state.withLock { $0.records[record.id] = record }
        try call("create", record.id)
        state.withLock { $0.states[record.id] = .created }
    }

    func start(_ id: String) throws(RuntimeError) -> [String] {
        try call("start", id)
        state.withLock { $0.states[id] = .running(pid: 1, since: Clock.realNanoseconds) }
        return []
    }

    func signal(_ id: String, _ signal: Int32) throws(RuntimeError) {
        try call("signal", id)
        guard try status(id).isLive else { throw RuntimeError(.notRunning, "it does not run") }
        if !state.withLock({ $0.deaf.contains(id) }) { end(id, code: 128 + signal) }
    }

    func killAll(_ id: String) throws(RuntimeError) {
        try call("kill", id)
        if (try? status(id))?.isLive == true { end(id, code: 137) }
    }

    /// The container's process ends by itself.
    func end(_ id: String, code: Int32) {
        state.withLock { $0.states[id] = .exited(ExitStatus(code: code, signal: nil, oomKilled: false, at: Clock.realNanoseconds)) }
        continuation.yield(id)
    }

    func pause(_ id: String) throws(RuntimeError) { try call("pause", id) }
    func resume(_ id: String) throws(RuntimeError) {}

    func delete(_ id: String) throws(RuntimeError) {
        try call("delete", id)
        state.withLock { state in
            state.records[id] = nil
            state.states[id] = nil
        }
    }

    func status(_ id: String) throws(RuntimeError) -> ContainerStatus {
        guard let found = state.withLock({ $0.states[id] }) else { throw RuntimeError(.notFound, "there is no container \(id)") }
        return ContainerStatus(id: id, state: found)
    }

    func record(_ id: String) throws(RuntimeError) -> ContainerRecord {
        guard let record = state.withLock({ $0.records[id] }) else { throw RuntimeError(.notFound, "there is no container \(id)") }
        return record
    }

    func exec(_ id: String, _ request: ExecRequest) throws(RuntimeError) -> ExecSession { throw RuntimeError(.invalid, "nothing runs here") }
    func changes() -> AsyncStream<String> { ids }
    func logFolder(_ id: String) -> String { "/nonexistent/\(id)" }
    func removeEmptyCgroups() {}

    var calls: [String] { state.withLock { $0.calls } }
}

/// Networks that only exist in mind.
final class FakeNetworks: NetworkHost {
    struct State {
        var networks: [String: NetworkRecord] = [:]
        var attachments: [String: Attachment] = [:]
        var ready: Set<String> = []
        var drift: [String: [String]] = [:]
        var repairs = 0
        var conflicts: [PortConflict] = []
    }
    let state = Mutex(State())
    private let notices: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    init() { (notices, continuation) = AsyncStream.makeStream(of: Void.self) }

    func create(_ network: NetworkRequest) throws(NetworkError) -> NetworkRecord {
        let subnet = Subnet4(IPv4(10 << 24), prefix: 24)
        let record = NetworkRecord(id: network.id, bridge: "b", subnet: subnet, gateway: IPv4(1), isInternal: network.isInternal, range: nil, reserved: [], mtu: nil)
        state.withLock { $0.networks[network.id] = record }
        return record
    }

    func remove(_ id: String) throws(NetworkError) {
        let isUsed = state.withLock { $0.attachments.values.contains { $0.endpoints.contains { $0.network == id } } }
        if isUsed { throw NetworkError(.inUse, "network \(id) is in use") }
        state.withLock { $0.networks[id] = nil }
    }

    func list() -> [NetworkRecord] { state.withLock { Array($0.networks.values) } }

    func attach(_ request: AttachRequest) throws(NetworkError) -> Attachment {
        let endpoints = request.endpoints.map {
            Attachment.Endpoint(network: $0.network, names: $0.names, interface: "eth0", address: IPv4(2), prefix: 24, mac: "", veth: "v", gateway: IPv4(1))
        }
        let attachment = Attachment(container: request.container, namespace: "/run/netns/\(request.container)", endpoints: endpoints, ports: request.ports)
        state.withLock { $0.attachments[request.container] = attachment }
        return attachment
    }

    func detach(_ containerID: String) throws(NetworkError) { state.withLock { _ = $0.attachments.removeValue(forKey: containerID) } }
    func attached() -> [String] { state.withLock { $0.attachments.keys.sorted() } }
    func setReady(_ containerID: String, _ ready: Bool) {
        state.withLock { state in
            if ready { state.ready.insert(containerID) } else { state.ready.remove(containerID) }
        }
    }
    func portConflicts(_ ports: [PublishedPort], ignoring: Set<String>) -> [PortConflict] { state.withLock { $0.conflicts } }

    func touch() {}

    func inspect() throws(NetworkError) -> NetworkObservation {
        state.withLock { state in
            var observation = NetworkObservation()
            for id in state.networks.keys { observation.networks[id] = state.drift[id] ?? [] }
            for id in state.attachments.keys { observation.containers[id] = [] }
            return observation
        }
    }

    func repair() throws(NetworkError) -> [String] {
        state.withLock { state in
            state.repairs += 1
            state.drift = [:]
            return ["repaired"]
        }
    }

    /// Somebody breaks a network.
    func harm(_ network: String) {
        state.withLock { $0.drift[network] = ["the bridge is missing"] }
        continuation.yield()
    }

    func changes() -> AsyncStream<Void> { notices }
    func notes() -> [String] { [] }
    func settle() {}
    func serve() async { while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) } }
}

struct FakeImages: ImageSource {
    var known: Set<String> = ["app:1", "app:2"]

    func resolve(_ reference: String) throws(ImageError) -> ImageRecord? {
        let name = reference.hasPrefix("id-") ? String(reference.dropFirst(3)) : reference
        guard known.contains(name) else { return nil }
        return ImageRecord(id: "id-\(name)", names: [name], config: ImageConfig(), layers: [], size: 1)
    }
    func layers(of image: ImageRecord) -> [String] { [] }
    func user(_ text: String, in image: ImageRecord, upper: String?) throws(ImageError) -> ResolvedUser { ResolvedUser(uid: 0, gid: 0) }
    func groups(_ names: [String], in image: ImageRecord) throws(ImageError) -> [UInt32] { [] }
    func seed(volume: String, from path: String, in image: ImageRecord) throws(ImageError) {}
}
