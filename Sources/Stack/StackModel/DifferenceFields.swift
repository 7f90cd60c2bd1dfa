/// Compares two specifications field by field and keeps what differs.
struct FieldComparison<Spec> {
    let old: Spec
    let new: Spec
    private var changes: [FieldChange] = []

    init(old: Spec, new: Spec) {
        self.old = old
        self.new = new
    }

    var sorted: [FieldChange] { changes.sorted { $0.field < $1.field } }

    /// A field with a text of its own; `nil` where it is not set.
    mutating func value<Field: Equatable>(_ field: String, _ path: KeyPath<Spec, Field>, _ text: (Field) -> String?) {
        let before = old[keyPath: path]
        let after = new[keyPath: path]
        guard before != after else { return }
        changes.append(FieldChange(field: field, old: text(before), new: text(after)))
    }

    mutating func text(_ field: String, _ path: KeyPath<Spec, String>) { value(field, path) { $0 } }
    mutating func text(_ field: String, _ path: KeyPath<Spec, String?>) { value(field, path) { $0 } }
    mutating func number(_ field: String, _ path: KeyPath<Spec, Int?>) { value(field, path) { $0.map(String.init) } }
    mutating func size(_ field: String, _ path: KeyPath<Spec, Int?>) { value(field, path) { $0.map(sizeText) } }

    /// A switch that is off unless set.
    mutating func flag(_ field: String, _ path: KeyPath<Spec, Bool>) { value(field, path) { $0 ? "true" : nil } }

    mutating func list<Item: Equatable>(_ field: String, _ path: KeyPath<Spec, [Item]>, _ text: (Item) -> String) {
        value(field, path) { $0.isEmpty ? nil : $0.map(text).joined(separator: ", ") }
    }

    mutating func words(_ field: String, _ path: KeyPath<Spec, [String]?>) {
        value(field, path) { $0.map { "[\($0.map(masked).joined(separator: " "))]" } }
    }

    /// Each key of a mapping is a field of its own; the text of a value may depend on its key.
    mutating func map<Item: Equatable>(
        _ field: String, _ path: KeyPath<Spec, [String: Item]>, _ text: (String, Item) -> String
    ) {
        let before = old[keyPath: path]
        let after = new[keyPath: path]
        guard before != after else { return }
        for key in Set(before.keys).union(after.keys) where before[key] != after[key] {
            let name = "\(field).\(key)"
            changes.append(FieldChange(field: name, old: before[key].map { text(key, $0) }, new: after[key].map { text(key, $0) }))
        }
    }

    mutating func map<Item: Equatable>(_ field: String, _ path: KeyPath<Spec, [String: Item]>, _ text: (Item) -> String) {
        map(field, path) { _, item in text(item) }
    }
}

/// `512M`, `1.5G` where it is round, else bytes.
func sizeText(_ bytes: Int) -> String {
    if bytes < 0 { return "unlimited" }
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "K")] where bytes >= 1 << shift && bytes % (1 << shift) == 0 {
        return "\(bytes >> shift)\(unit)"
    }
    return String(bytes)
}

/// A value that may be shown: what a name calls secret is hidden, and passwords within addresses.
func shown(_ key: String, _ value: String) -> String {
    let name = key.lowercased()
    let isSecret = ["pass", "secret", "token", "credential", "private", "apikey", "api_key", "auth", "salt"].contains { name.contains($0) }
    if isSecret || name == "key" || name.hasSuffix("_key") || name.hasSuffix("pwd") { return "(hidden)" }
    return masked(value)
}

/// The text with the password of `scheme://user:password@host` replaced.
func masked(_ text: String) -> String {
    guard let scheme = text.firstRange(of: "://") else { return text }
    let rest = text[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return text }
    return String(text[...colon]) + "(hidden)" + String(text[at...])
}
