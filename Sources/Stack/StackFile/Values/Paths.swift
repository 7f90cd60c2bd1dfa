/// Paths as text; nothing here looks at a disk.
enum Paths {
    /// Absolute and without `.`, `..` and doubled slashes; `..` at the root stays there.
    static func resolve(_ path: String, against base: String, home: String? = nil) -> String {
        var full = path
        if path == "~" || path.hasPrefix("~/"), let home, !home.isEmpty {
            full = home + path.dropFirst()
        } else if !path.hasPrefix("/") {
            full = base + "/" + path
        }
        var parts: [Substring] = []
        for part in full.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    /// The path as a person in `folder` would write it.
    static func shown(_ path: String, from folder: String) -> String {
        let prefix = folder == "/" ? "/" : folder + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}
