/// A value of a YAML document, with the place it was written at. Aliases and merge keys are already resolved.
public struct Node: Sendable {
    public enum Content: Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping(Mapping)
    }
    /// The tags of the Compose Specification that steer merging.
    public enum Directive: Sendable, Hashable {
        /// `!reset`: back to the default.
        case reset
        /// `!override`: replaces instead of merging.
        case override
    }

    public var content: Content
    public var place: Place
    public var directive: Directive?
    /// Nodes of the whole tree below and with this one, aliases counted each time they are used.
    let weight: Int

    init(_ content: Content, at place: Place, directive: Directive? = nil, weight: Int = 1) {
        self.content = content
        self.place = place
        self.directive = directive
        self.weight = weight
    }

    public init(scalar: Scalar, at place: Place) { self.init(.scalar(scalar), at: place) }
    public init(text: String, at place: Place) { self.init(.scalar(Scalar(text: text, style: .quoted)), at: place) }
    public init(sequence: [Node], at place: Place, directive: Directive? = nil) {
        self.init(.sequence(sequence), at: place, directive: directive)
    }
    public init(mapping: Mapping, at place: Place, directive: Directive? = nil) {
        self.init(.mapping(mapping), at: place, directive: directive)
    }

    public var scalar: Scalar? {
        if case .scalar(let scalar) = content { return scalar }
        return nil
    }
    public var sequence: [Node]? {
        if case .sequence(let nodes) = content { return nodes }
        return nil
    }
    public var mapping: Mapping? {
        if case .mapping(let mapping) = content { return mapping }
        return nil
    }
    public var isNull: Bool { scalar?.resolved == .null }
    /// The value under a key, if this is a mapping that has it.
    public subscript(key: String) -> Node? { mapping?[key] }
}

/// One key of a mapping and its value.
public struct Entry: Sendable {
    public var key: String
    public var keyPlace: Place
    public var value: Node

    public init(key: String, keyPlace: Place, value: Node) {
        self.key = key
        self.keyPlace = keyPlace
        self.value = value
    }
}

/// Keys and values in the order they were written; each key once.
public struct Mapping: Sendable {
    public private(set) var entries: [Entry] = []
    /// Only kept for large mappings: below that a walk is faster.
    private var positions: [String: Int] = [:]
    private static let indexedFrom = 16

    public init() {}

    /// The position of a key among the entries.
    public func position(of key: String) -> Int? {
        if entries.count >= Self.indexedFrom { return positions[key] }
        return entries.firstIndex { $0.key == key }
    }

    public subscript(key: String) -> Node? {
        position(of: key).map { entries[$0].value }
    }

    public func entry(_ key: String) -> Entry? {
        position(of: key).map { entries[$0] }
    }

    /// Sets a value; a key that is there keeps its position and takes over the new place.
    public mutating func set(_ entry: Entry) {
        if let position = position(of: entry.key) {
            entries[position] = entry
            return
        }
        entries.append(entry)
        if entries.count == Self.indexedFrom {
            for (index, entry) in entries.enumerated() { positions[entry.key] = index }
        } else if entries.count > Self.indexedFrom {
            positions[entry.key] = entries.count - 1
        }
    }

    public mutating func remove(_ key: String) {
        guard let position = position(of: key) else { return }
        entries.remove(at: position)
        positions = [:]
        if entries.count >= Self.indexedFrom {
            for (index, entry) in entries.enumerated() { positions[entry.key] = index }
        }
    }

    /// Each value replaced by what `change` makes of it.
    public func mapValues(_ change: (Entry) -> Node) -> Mapping {
        var copy = self
        for index in copy.entries.indices { copy.entries[index].value = change(copy.entries[index]) }
        return copy
    }
}
