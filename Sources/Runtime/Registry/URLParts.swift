/// As much of a URL as redirects need.
struct URLParts: Hashable {
    var scheme: String
    /// With the port, if there is one.
    var authority: String
    var rest: String

    init?(_ text: String) {
        guard let colon = text.range(of: "://") else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        let after = text[colon.upperBound...]
        let slash = after.firstIndex { $0 == "/" || $0 == "?" } ?? after.endIndex
        authority = after[..<slash].lowercased()
        rest = String(after[slash...])
        guard scheme == "http" || scheme == "https", !authority.isEmpty, !authority.contains("@") else { return nil }
    }

    /// Where a `Location` leads from here.
    func resolve(_ location: String) -> URLParts? {
        if location.contains("://") { return URLParts(location) }
        var copy = self
        if location.hasPrefix("//") { return URLParts("\(scheme):\(location)") }
        guard location.hasPrefix("/") else { return nil }
        copy.rest = location
        return copy
    }

    var text: String { "\(scheme)://\(authority)\(rest)" }
    /// Credentials may follow there.
    func isSameOrigin(as other: URLParts) -> Bool { scheme == other.scheme && authority == other.authority }
}

extension String {
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
