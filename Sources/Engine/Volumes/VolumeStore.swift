import FoundationEssentials
import Linux
import StackModel

/// Volumes of this host: `<root>/volumes/<name>/_data`, with what is known of each in `meta.json` beside it.
struct VolumeStore: Sendable {
    struct Meta: Codable, Sendable {
        var name: String
        var stack: String?
        var labels: [String: String]
        var options: [String: String]
        var createdAt: Timestamp
        /// The container's place that an anonymous volume belongs to, and where it is mounted.
        var owner: String?
        var target: String?
        /// It was filled from an image, or needs not be.
        var isSeeded: Bool
    }
    private let folder: String

    init(root: String) throws(Failure) {
        folder = "\(root)/volumes"
        let folder = folder
        try Disk.doing("make \(folder)") { () throws(SyscallError) in
            try File.makeDirectories(folder, mode: 0o711)
            // Removals that a killed daemon did not finish.
            for name in try File.list(folder) where name.hasPrefix(Self.removing) { try File.removeTree("\(folder)/\(name)") }
        }
    }

    /// What the name of a volume that is being removed begins with; no volume's own does.
    private static let removing = ".removing-"

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    func existing() throws(Failure) -> Set<String> {
        let folder = folder
        let names = try Disk.doing("list \(folder)") { () throws(SyscallError) in try File.list(folder) }
        return Set(names.filter { File.exists("\(folder)/\($0)/meta.json") })
    }

    func meta(_ name: String) -> Meta? { Disk.read(Meta.self, "\(path(name))/meta.json") }

    /// Makes a volume unless it is there.
    func ensure(_ volume: Volume, stack: String, now: Timestamp) throws(Failure) {
        try check(volume)
        if meta(volume.name) != nil { return }
        try make(
            Meta(
                name: volume.name, stack: stack, labels: volume.labels, options: volume.driverOptions, createdAt: now, owner: nil, target: nil,
                isSeeded: volume.driverOptions["o"] != nil))
    }

    private func check(_ volume: Volume) throws(Failure) {
        guard volume.driver == "local" else {
            throw Failure(code: .unsupported, what: "volume \"\(volume.name)\": driver \"\(volume.driver)\"", hint: "only the local driver is served")
        }
        let type = volume.driverOptions["type"] ?? "none"
        if volume.driverOptions.isEmpty { return }
        guard type == "none" || type == "tmpfs", type == "tmpfs" || Self.isBind(volume.driverOptions) else {
            throw Failure(
                code: .unsupported, what: "volume \"\(volume.name)\": type \"\(type)\"",
                hint: "mount it on the host and use a bind mount of that folder")
        }
    }

    private static func isBind(_ options: [String: String]) -> Bool {
        (options["o"] ?? "").split(separator: ",").contains { $0 == "bind" || $0 == "rbind" } && options["device"]?.hasPrefix("/") ?? false
    }

    private func make(_ meta: Meta) throws(Failure) {
        let path = path(meta.name)
        try Disk.doing("make volume \(meta.name)") { () throws(SyscallError) in try File.makeDirectories("\(path)/_data", mode: 0o755) }
        try Disk.write(meta, "\(path)/meta.json", durable: true)
    }

    /// The volume's folder on this host; for a volume that stands for another folder, that.
    func data(_ name: String) -> String {
        if let options = meta(name)?.options, Self.isBind(options), let device = options["device"] { return device }
        return "\(path(name))/_data"
    }

    func options(_ name: String) -> [String: String] { meta(name)?.options ?? [:] }

    /// The anonymous volume of a container's place at `target`, made unless it is there. A replacement gets its predecessor's.
    func anonymous(owner: String, target: String, newName: () -> String, now: Timestamp) throws(Failure) -> String {
        for name in try existing().sorted() {
            if let meta = meta(name), meta.owner == owner, meta.target == target { return name }
        }
        let name = newName()
        let stack = owner.split(separator: "/").first.map(String.init)
        try make(Meta(name: name, stack: stack, labels: [:], options: [:], createdAt: now, owner: owner, target: target, isSeeded: false))
        return name
    }

    func removeAnonymous(of owner: String) throws(Failure) {
        for name in try existing() where meta(name)?.owner == owner { try remove(name) }
    }

    /// Removes a volume with its data. One that is not there is no error.
    func remove(_ name: String) throws(Failure) {
        let (path, grave) = (path(name), "\(folder)/\(Self.removing)\(name)")
        try Disk.doing("remove volume \(name)") { () throws(SyscallError) in
            try File.removeTree(grave)
            guard File.exists(path) else { return }
            // In one step, so that half a volume is never taken for a whole one, nor forgotten.
            try File.rename(path, to: grave)
            try File.removeTree(grave)
        }
    }

    /// Fills a volume from an image, once, and only while it is empty.
    /// - Parameter fill: copies into the folder that it is given.
    func seed(_ name: String, fill: (String) throws -> Void) throws {
        guard var meta = meta(name), !meta.isSeeded else { return }
        let data = "\(path(name))/_data"
        let isEmpty = try Disk.doing("look into volume \(name)") { () throws(SyscallError) in try File.list(data).isEmpty }
        // Killed in the middle, it is not marked as filled, and copying again makes it whole.
        if isEmpty || meta.isFilling { try markAndFill(&meta, data, fill) }
        meta.isSeeded = true
        try Disk.write(meta, "\(path(name))/meta.json", durable: true)
    }

    private func markAndFill(_ meta: inout Meta, _ data: String, _ fill: (String) throws -> Void) throws {
        meta.labels[Meta.filling] = "1"
        try Disk.write(meta, "\(path(meta.name))/meta.json", durable: true)
        try fill(data)
        meta.labels[Meta.filling] = nil
    }
}

extension VolumeStore.Meta {
    static let filling = "gantry.filling"
    var isFilling: Bool { labels[Self.filling] != nil }
}
