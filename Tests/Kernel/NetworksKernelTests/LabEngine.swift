import Networks

/// A network runtime whose calls are made from the lab's host: settings, sockets and listings are those of the caller's namespace.
final class LabEngine: Sendable {
    private let lab: Lab
    let runtime: NetworkRuntime

    init(_ lab: Lab, _ runtime: NetworkRuntime) {
        self.lab = lab
        self.runtime = runtime
    }

    @discardableResult
    func create(_ request: NetworkRequest) throws -> NetworkRecord {
        let runtime = runtime
        return try lab.onHost { try runtime.create(request) }
    }

    func remove(_ id: String) throws {
        let runtime = runtime
        try lab.onHost { try runtime.remove(id) }
    }

    @discardableResult
    func attach(_ request: AttachRequest) throws -> Attachment {
        let runtime = runtime
        return try lab.onHost { try runtime.attach(request) }
    }

    /// In one network, by one name.
    @discardableResult
    func attach(_ id: String, _ network: String, _ ports: [PublishedPort] = [], name: String? = nil) throws -> Attachment {
        try attach(AttachRequest(container: id, endpoints: [.init(network: network, names: [name ?? id])], ports: ports))
    }

    func detach(_ id: String) throws {
        let runtime = runtime
        try lab.onHost { try runtime.detach(id) }
    }

    @discardableResult
    func repair() throws -> [String] {
        let runtime = runtime
        return try lab.onHost { try runtime.repair() }
    }

    func inspect() throws -> NetworkObservation {
        let runtime = runtime
        return try lab.onHost { try runtime.inspect() }
    }

    func portConflicts(_ ports: [PublishedPort], ignoring: Set<String>) throws -> [PortConflict] {
        let runtime = runtime
        return try lab.onHost { runtime.portConflicts(ports, ignoring: ignoring) }
    }
}
