import FoundationEssentials
import Glibc

/// What one engine has on this host: mounts, links, namespaces, nft tables, cgroups, processes and files. What others own is left out,
/// so that two snapshots can be compared on a busy machine.
public struct HostSnapshot: Sendable, Hashable {
    public let items: Set<String>

    /// - Parameters:
    ///   - engine: the engine's id, which is part of the names of all its kernel objects.
    public init(root: String, run: String, engine: String) {
        var items: Set<String> = []
        let isOurs = { (text: String) in text.contains(root) || text.contains(run) || text.contains(engine) }
        for line in Self.lines("/proc/self/mountinfo") where isOurs(line) {
            let parts = line.split(separator: " ")
            if parts.count > 4 { items.insert("mount \(parts[4])") }
        }
        for link in Self.names("/sys/class/net") where Self.isLink(link, of: engine) { items.insert("link \(link)") }
        for table in Self.tables() where isOurs(table) { items.insert("nft \(table)") }
        for hierarchy in ["/sys/fs/cgroup"] + Self.names("/sys/fs/cgroup").map({ "/sys/fs/cgroup/\($0)" }) {
            for name in Self.names(hierarchy) where name.contains(engine) {
                items.formUnion(Self.tree("\(hierarchy)/\(name)", foldersOnly: true).map { "cgroup \($0)" })
            }
        }
        for pid in Self.names("/proc") where Int(pid) != nil {
            let command = String(file: "/proc/\(pid)/cmdline").split(separator: "\0").joined(separator: " ")
            let isMember = String(file: "/proc/\(pid)/cgroup").contains("/gantry-\(engine)/")
            if isMember || (isOurs(command) && Self.isGantry(pid)) { items.insert("process \(pid) \(command)") }
        }
        for folder in ["\(root)/containers", "\(root)/networks", "\(root)/volumes", "\(root)/stacks", "\(run)/containers", "\(run)/netns"] {
            items.formUnion(Self.names(folder).map { "file \(folder)/\($0)" })
        }
        self.items = items
    }

    /// What this one has more (`+`) or less (`-`) than an earlier one, a line each; empty: nothing.
    public func difference(from earlier: HostSnapshot, ignoring ignored: (String) -> Bool = { _ in false }) -> String {
        let more = items.subtracting(earlier.items).filter { !ignored($0) }.sorted().map { "+ \($0)" }
        let less = earlier.items.subtracting(items).filter { !ignored($0) }.sorted().map { "- \($0)" }
        return (more + less).joined(separator: "\n")
    }

    public func count(_ kind: String) -> Int { items.count { $0.hasPrefix("\(kind) ") } }

    /// Link names have 15 bytes at most, so they carry the beginning of the id only.
    private static func isLink(_ name: String, of engine: String) -> Bool {
        engine.count >= 4 && name.hasPrefix("g") && name.contains(engine.prefix(4))
    }

    private static func isGantry(_ pid: String) -> Bool {
        ["gantryd", "gantry-shim", "gantry"].contains { String(file: "/proc/\(pid)/comm").hasPrefix($0) }
    }

    private static func tables() -> [String] {
        guard Programs.has("nft"), let result = try? Command.run("nft", ["list", "tables"], timeout: 20) else { return [] }
        return result.lines
    }

    private static func names(_ folder: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }

    private static func tree(_ folder: String, foldersOnly: Bool) -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else { return [] }
        return [folder] + names(folder).flatMap { tree("\(folder)/\($0)", foldersOnly: foldersOnly) }
    }

    private static func lines(_ path: String) -> [String] { String(file: path).split(separator: "\n").map(String.init) }
}
