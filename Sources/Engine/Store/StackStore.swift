import Linux
import StackModel

/// What every stack is meant to be: `<root>/stacks/<name>/desired.json`.
struct StackStore: Sendable {
    private let folder: String

    init(root: String) throws(Failure) {
        folder = "\(root)/stacks"
        let folder = folder
        try Disk.doing("make \(folder)") { () throws(SyscallError) in try File.makeDirectories(folder, mode: 0o700) }
    }

    /// - Parameter tell: gets a sentence about each file that cannot be read; it is left where it is.
    func load(tell: (String) -> Void) throws(Failure) -> [Desired] {
        let folder = folder
        let names = try Disk.doing("list \(folder)") { () throws(SyscallError) in try File.list(folder) }
        return names.sorted().compactMap { name in
            let path = "\(folder)/\(name)/desired.json"
            if let desired = Disk.read(Desired.self, path) { return desired }
            if File.exists(path) {
                tell("stack \(name): \(path) cannot be read; its containers are left as they are until the next `gantry up`")
            } else {
                try? File.removeTree("\(folder)/\(name)")
            }
            return nil
        }
    }

    func save(_ desired: Desired) throws(Failure) {
        let path = "\(folder)/\(desired.stack.name)"
        try Disk.doing("make \(path)") { () throws(SyscallError) in try File.makeDirectories(path, mode: 0o700) }
        try Disk.write(desired, "\(path)/desired.json", durable: true)
    }

    func remove(_ name: String) throws(Failure) {
        let path = "\(folder)/\(name)"
        try Disk.doing("remove \(path)") { () throws(SyscallError) in try File.removeTree(path) }
    }
}
