import Linux
import StackModel
import Synchronization

/// Which networks each stack made and as what: `<root>/network-specs/<name>.json`.
final class NetworkSpecs: Sendable {
    struct Entry: Codable, Sendable {
        var stack: String
        var network: Network
    }
    private let folder: String
    private let all: Mutex<[String: Entry]>

    init(root: String) throws(Failure) {
        folder = "\(root)/network-specs"
        let folder = folder
        let names = try Disk.doing("list \(folder)") { () throws(SyscallError) in
            try File.makeDirectories(folder, mode: 0o700)
            return try File.list(folder)
        }
        var found: [String: Entry] = [:]
        for name in names where name.hasSuffix(".json") {
            if let entry = Disk.read(Entry.self, "\(folder)/\(name)") { found[entry.network.name] = entry }
        }
        all = Mutex(found)
    }

    func of(stack: String) -> [String: Network] {
        all.withLock { $0.values.filter { $0.stack == stack } }.reduce(into: [:]) { $0[$1.network.name] = $1.network }
    }

    func owner(of name: String) -> String? { all.withLock { $0[name]?.stack } }

    func add(_ network: Network, stack: String) throws(Failure) {
        let entry = Entry(stack: stack, network: network)
        try Disk.write(entry, "\(folder)/\(network.name).json")
        all.withLock { $0[network.name] = entry }
    }

    /// Forgets what a stack that is gone had.
    func removeAll(of stack: String) { for name in of(stack: stack).keys { remove(name) } }

    func remove(_ name: String) {
        all.withLock { _ = $0.removeValue(forKey: name) }
        try? File.remove("\(folder)/\(name).json")
    }
}
