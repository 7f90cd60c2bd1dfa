/// The short form of volumes: `[source:]target[:options]`.
struct MountText: Sendable, Hashable {
    /// `nil`: an anonymous volume.
    var source: String?
    var target: String
    var options: [String]

    /// Whether the source is a path of the host and not the key of a volume.
    var isBind: Bool { source.map(Self.isPath) ?? false }

    static func isPath(_ text: String) -> Bool { text.hasPrefix("/") || text.hasPrefix(".") || text.hasPrefix("~") }

    static func parse(_ text: String) throws(Complaint) -> MountText {
        guard !text.isEmpty else { throw Complaint("a volume is empty", hint: "write \"source:/target\"") }
        if isWindows(text) {
            throw Complaint("\"\(text)\" is a path of Windows", hint: "write a path of this host, such as \"./data:/data\"")
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let mount: MountText
        switch parts.count {
        case 1: mount = MountText(source: nil, target: parts[0], options: [])
        case 2: mount = MountText(source: parts[0], target: parts[1], options: [])
        case 3:
            let options = parts[2].split(separator: ",").map(String.init)
            mount = MountText(source: parts[0], target: parts[1], options: options)
        default: throw Complaint("\"\(text)\" has too many parts", hint: "write \"source:/target\" or \"source:/target:ro\"")
        }
        if mount.source?.isEmpty == true { throw Complaint("\"\(text)\" has no source before the \":\"") }
        if mount.target.isEmpty { throw Complaint("\"\(text)\" has no target after the \":\"", hint: "write \"source:/target\"") }
        guard mount.target.hasPrefix("/") else {
            let hint = parts.count == 1 ? "write \"\(text):/path/in/the/container\"" : "write \"\(parts[0]):/\(mount.target)\""
            throw Complaint("the target \"\(mount.target)\" is not an absolute path of the container", hint: hint)
        }
        return mount
    }

    private static func isWindows(_ text: String) -> Bool {
        let start = Array(text.utf8.prefix(3))
        guard start.count == 3, start[1] == UInt8(ascii: ":"), start[2] == UInt8(ascii: "\\") || start[2] == UInt8(ascii: "/") else {
            return text.hasPrefix("\\\\")
        }
        let isLetter = (start[0] | 0x20) >= UInt8(ascii: "a") && (start[0] | 0x20) <= UInt8(ascii: "z")
        // `d:/data` could be the volume "d"; a backslash, or a second colon after it, cannot.
        return isLetter && (start[2] == UInt8(ascii: "\\") || text.dropFirst(2).contains(":"))
    }
}
