/// The name of an image as people write it: `nginx`, `library/nginx:1.27`, `registry.example:5000/team/app@sha256:…`.
///
/// Short names mean docker.io, and `library/` there, as Docker has it (distribution/reference grammar).
public struct Reference: Sendable, Hashable, CustomStringConvertible {
    public var domain: String
    public var path: String
    public var tag: String?
    public var digest: Digest?

    public static let defaultDomain = "docker.io"

    /// - Returns: nil for what is no image name.
    public init?(_ text: String) {
        var rest = Substring(text)
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            guard let found = Digest(String(rest[rest.index(after: at)...])) else { return nil }
            digest = found
            rest = rest[..<at]
        }
        var tag: String?
        let lastSlash = rest.lastIndex(of: "/") ?? rest.startIndex
        if let colon = rest[lastSlash...].lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
            guard Self.isTag(tag ?? "") else { return nil }
        }
        var domain = Self.defaultDomain
        var path = String(rest)
        if let slash = rest.firstIndex(of: "/") {
            let first = rest[..<slash]
            if first.contains(".") || first.contains(":") || first == "localhost" || first.contains(where: \.isUppercase) {
                domain = first == "index.docker.io" ? Self.defaultDomain : String(first)
                path = String(rest[rest.index(after: slash)...])
            }
        }
        guard Self.isDomain(domain), Self.isPath(path) else { return nil }
        if domain == Self.defaultDomain, !path.contains("/") { path = "library/\(path)" }
        self.domain = domain
        self.path = path
        self.tag = tag
        self.digest = digest
    }

    /// With `latest` where neither tag nor digest is given.
    public var tagged: Reference {
        if tag != nil || digest != nil { return self }
        var copy = self
        copy.tag = "latest"
        return copy
    }

    /// The whole name: `docker.io/library/nginx:latest`.
    public var canonical: String { "\(domain)/\(path)\(suffix)" }

    /// The name as people know it: `nginx:latest`.
    public var familiar: String {
        guard domain == Self.defaultDomain else { return canonical }
        return (path.hasPrefix("library/") ? String(path.dropFirst(8)) : path) + suffix
    }

    public var description: String { familiar }
    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    private static func isTag(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.allSatisfy { isWord($0) || $0 == 46 || $0 == 45 }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }

    /// Labels of letters, digits and inner dashes, or a bracketed address; a port after it.
    private static func isDomain(_ text: String) -> Bool {
        var name = text[...]
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let port = text[text.index(after: colon)...]
            guard let number = UInt16(port), number > 0 else { return false }
            name = text[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { return name.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" } }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.utf8.first, let last = label.utf8.last, first != 45, last != 45 else { return false }
            return label.utf8.allSatisfy { (isWord($0) && $0 != 95) || $0 == 45 }
        }
    }

    /// Parts of lower-case letters and digits, joined by `.`, `_`, `__` or dashes.
    private static func isPath(_ text: String) -> Bool {
        guard text.utf8.count <= 255 else { return false }
        return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
            return part.utf8.allSatisfy { isAlphanumeric($0) || [45, 46, 95].contains($0) } && !part.contains("..")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...122).contains(byte) }
}
