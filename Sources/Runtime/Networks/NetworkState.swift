import FoundationEssentials
import Linux
import Synchronization

/// What the network runtime knows: the layout, on disk and here, and what only lives as long as this process.
struct NetworkState: Sendable {
    var layout: NetworkLayout
    /// Containers that names are answered with.
    var ready: Set<String> = []
    var spaces: [String: ContainerSpace] = [:]
    /// Network → index of its bridge.
    var bridges: [String: Int32] = [:]
    /// Containers whose connection is being made: their resources are taken, their links not there yet.
    var making: Set<String> = []

    func takenAddresses(_ network: String) -> Set<IPv4> {
        Set(layout.attachments.values.flatMap(\.endpoints).filter { $0.network == network }.map(\.address))
    }

    /// The container that has a host port.
    func holder(of port: Int, _ proto: PortProtocol, at address: String?) -> String? {
        layout.attachments.values.first { attachment in
            attachment.ports.contains {
                $0.proto == proto && $0.hostPort == port && ($0.hostIP == nil || address == nil || $0.hostIP == address)
            }
        }?.container
    }
}

/// The records' files.
struct NetworkFiles: Sendable {
    let networks: String
    let attachments: String

    init(root: String) throws(NetworkError) {
        networks = "\(root)/networks"
        attachments = "\(root)/attachments"
        let folders = [networks, attachments]
        try doing("make \(root)") { () throws(SyscallError) in
            for folder in folders { try File.makeDirectories(folder, mode: 0o700) }
        }
    }

    func load(_ naming: Naming) -> NetworkLayout {
        var layout = NetworkLayout(naming: naming, networks: [:], attachments: [:])
        for record in Self.all(NetworkRecord.self, networks) { layout.networks[record.id] = record }
        for attachment in Self.all(Attachment.self, attachments) { layout.attachments[attachment.container] = attachment }
        return layout
    }

    /// A record that cannot be read is put aside, never deleted: what it names is left alone.
    private static func all<Value: Decodable>(_ type: Value.Type, _ folder: String) -> [Value] {
        ((try? File.list(folder)) ?? []).filter { $0.hasSuffix(".json") }.compactMap { name in
            guard let bytes = try? File.readAll("\(folder)/\(name)") else { return nil }
            if let value = try? JSONDecoder().decode(type, from: Data(bytes)) { return value }
            try? File.rename("\(folder)/\(name)", to: "\(folder)/\(name)\(suffix)")
            return nil
        }
    }

    private static let suffix = ".damaged"

    /// Paths of records that were put aside.
    var damaged: [String] {
        [networks, attachments].flatMap { folder in
            ((try? File.list(folder)) ?? []).filter { $0.hasSuffix(Self.suffix) }.map { "\(folder)/\($0)" }
        }.sorted()
    }

    func save(_ record: NetworkRecord) throws(NetworkError) { try save(record, "\(networks)/\(record.id).json") }
    func save(_ attachment: Attachment) throws(NetworkError) { try save(attachment, "\(attachments)/\(attachment.container).json") }
    func removeNetwork(_ id: String) { try? File.remove("\(networks)/\(id).json") }
    func removeAttachment(_ id: String) { try? File.remove("\(attachments)/\(id).json") }

    private func save(_ value: some Encodable, _ path: String) throws(NetworkError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { throw NetworkError(.system, "write \(path)") }
        try doing("write \(path)") { () throws(SyscallError) in try File.writeAtomically(path, Array(data), mode: 0o600) }
    }
}
