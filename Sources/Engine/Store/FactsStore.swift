import FoundationEssentials
import Linux
import StackModel
import Synchronization

/// The facts of all containers: in memory for reading, in a file each for the next daemon. The engine is their only writer.
final class FactsStore: Sendable {
    private let folder: String
    private let all: Mutex<[String: Facts]>

    /// Reads what an earlier daemon left. A folder with neither facts nor a record is what an interrupted start or end of a
    /// container left, and goes; facts that cannot be read are kept and told.
    /// - Parameter tell: gets a sentence about each file that cannot be read.
    init(root: String, tell: (String) -> Void) throws(Failure) {
        folder = "\(root)/containers"
        var found: [String: Facts] = [:]
        let folder = folder
        do throws(SyscallError) {
            try File.makeDirectories(folder, mode: 0o700)
            for id in try File.list(folder) {
                let path = "\(folder)/\(id)/facts.json"
                if let facts = Disk.read(Facts.self, path) {
                    found[id] = facts
                } else if File.exists(path) {
                    tell("container \(id): its facts cannot be read (\(path)); it is left as it is")
                } else if !File.exists("\(folder)/\(id)/record.json") {
                    try File.removeTree("\(folder)/\(id)")
                }
            }
        } catch {
            throw Failure(code: .runtime, what: "read the containers below \(root)", cause: error.description)
        }
        all = Mutex(found)
    }

    subscript(id: String) -> Facts? { all.withLock { $0[id] } }

    func of(stack: String) -> [Facts] {
        all.withLock { $0.values.filter { $0.stack == stack } }.sorted { ($0.service, $0.number, $0.id) < ($1.service, $1.number, $1.id) }
    }

    func everything() -> [Facts] {
        all.withLock { Array($0.values) }.sorted { ($0.stack, $0.service, $0.number, $0.id) < ($1.stack, $1.service, $1.number, $1.id) }
    }

    /// Remembers a new container; its folder is made.
    func add(_ facts: Facts) throws(Failure) {
        let folder = "\(folder)/\(facts.id)"
        try Disk.doing("make container \"\(facts.name)\"") { () throws(SyscallError) in try File.makeDirectories(folder, mode: 0o700) }
        try Disk.write(facts, "\(folder)/facts.json")
        all.withLock { $0[facts.id] = facts }
    }

    /// Changes the facts of a container that is there; one that went meanwhile stays gone.
    func change(_ id: String, _ change: (inout Facts) -> Void) throws(Failure) {
        let changed: Facts? = all.withLock { all in
            guard var facts = all[id] else { return nil }
            let before = facts
            change(&facts)
            if facts == before { return nil }
            all[id] = facts
            return facts
        }
        if let changed { try Disk.write(changed, "\(folder)/\(id)/facts.json") }
    }

    /// Forgets a container whose files are gone.
    func remove(_ id: String) { all.withLock { _ = $0.removeValue(forKey: id) } }
}
