import CYAML

/// Makes nodes of libyaml's events.
struct Composer {
    let parser: UnsafeMutablePointer<yaml_parser_t>
    let source: Source
    let limits: Limits
    var flaws: [Flaw] = []
    private var anchors: [String: Node] = [:]
    /// Anchors whose node is still being read: an alias to one of them would contain itself.
    private var open: Set<String> = []
    private var nodes = 0
    private var aliased = 0

    init(parser: UnsafeMutablePointer<yaml_parser_t>, source: Source, limits: Limits) {
        self.parser = parser
        self.source = source
        self.limits = limits
    }

    /// One event, as far as it is of use here.
    private struct Event {
        enum Kind { case start, end, documentStart, alias, scalar, sequence, sequenceEnd, mapping, mappingEnd, none }
        var kind: Kind
        var place: Place
        var anchor: String?
        var tag: String?
        var text = ""
        var plain = false
    }

    mutating func document() throws(Flaw) -> Node? {
        var event = try next()
        while event.kind == .start { event = try next() }
        guard event.kind == .documentStart else { return nil }
        let root = try compose(try next(), depth: 0)
        event = try next()
        while event.kind == .none { event = try next() }
        if event.kind == .documentStart {
            throw Flaw(
                "the file holds a second document", at: event.place, hint: "one file holds one stack: remove the \"---\" or split the file")
        }
        if let scalar = root.scalar, scalar.resolved == .null { return nil }
        return root
    }

    private mutating func compose(_ event: Event, depth: Int) throws(Flaw) -> Node {
        guard depth < limits.depth else {
            throw Flaw("nested more than \(limits.depth) levels deep", at: event.place)
        }
        nodes += 1
        guard nodes <= limits.nodes else {
            throw Flaw("the file holds more than \(limits.nodes) values", at: event.place)
        }
        switch event.kind {
        case .alias: return try alias(event)
        case .scalar:
            let (tag, directive) = try tagged(event)
            let style: Scalar.Style = event.plain ? .plain : .quoted
            let scalar = Scalar(text: event.text, style: style, tag: tag)
            return remember(Node(.scalar(scalar), at: event.place, directive: directive), event)
        case .sequence: return try sequence(event, depth: depth)
        case .mapping: return try mapping(event, depth: depth)
        case .start, .end, .documentStart, .sequenceEnd, .mappingEnd, .none:
            throw Flaw("a value is missing here", at: event.place)
        }
    }

    private mutating func alias(_ event: Event) throws(Flaw) -> Node {
        let name = event.anchor ?? ""
        if open.contains(name) {
            throw Flaw("the alias \"*\(name)\" stands inside the value it names", at: event.place)
        }
        guard let node = anchors[name] else {
            let near = nearest(name)
            throw Flaw(
                "nothing above is named \"&\(name)\"", at: event.place, hint: near.map { "did you mean \"*\($0)\"?" })
        }
        try spend(node.weight, at: event.place)
        return node
    }

    private func nearest(_ name: String) -> String? {
        let wanted = Array(name.lowercased().utf8)
        return anchors.keys.sorted().first { key in
            let candidate = Array(key.lowercased().utf8)
            if candidate == wanted { return true }
            // The same start and the same end, with one slip between them.
            let start = zip(candidate, wanted).prefix { $0 == $1 }.count
            let end = zip(candidate.reversed(), wanted.reversed()).prefix { $0 == $1 }.count
            return abs(candidate.count - wanted.count) <= 1 && start + end >= min(candidate.count, wanted.count) - 1 && start + end > 2
        }
    }

    /// Counts nodes that an alias or a merge key repeats.
    private mutating func spend(_ weight: Int, at place: Place) throws(Flaw) {
        aliased += weight
        guard aliased <= limits.aliased else {
            throw Flaw(
                "aliases repeat more than \(limits.aliased) values", at: place, hint: "an alias of aliases of aliases grows without end")
        }
    }

    private mutating func sequence(_ event: Event, depth: Int) throws(Flaw) -> Node {
        let (_, directive) = try tagged(event)
        if let anchor = event.anchor { open.insert(anchor) }
        var items: [Node] = []
        var weight = 1
        while true {
            let item = try next()
            if item.kind == .sequenceEnd { break }
            let node = try compose(item, depth: depth + 1)
            weight += node.weight
            items.append(node)
        }
        return remember(Node(.sequence(items), at: event.place, directive: directive, weight: weight), event)
    }

    private mutating func mapping(_ event: Event, depth: Int) throws(Flaw) -> Node {
        let (_, directive) = try tagged(event)
        if let anchor = event.anchor { open.insert(anchor) }
        var mapping = Mapping()
        var merges: (key: Place, value: Node)?
        var weight = 1
        while true {
            let key = try next()
            if key.kind == .mappingEnd { break }
            let name = try keyText(key, depth: depth)
            let value = try compose(try next(), depth: depth + 1)
            weight += 1 + value.weight
            if name == "<<", key.plain {
                if let merges { report(duplicate(name, at: key.place, first: merges.key)) } else { merges = (key.place, value) }
            } else if let first = mapping.entry(name) {
                report(duplicate(name, at: key.place, first: first.keyPlace))
            } else {
                mapping.set(Entry(key: name, keyPlace: key.place, value: value))
            }
            if flaws.count >= limits.flaws { throw Flaw("too many problems; reading ends here", at: key.place) }
        }
        if let merges { try merge(merges.value, key: merges.key, into: &mapping) }
        return remember(Node(.mapping(mapping), at: event.place, directive: directive, weight: weight), event)
    }

    private func duplicate(_ name: String, at place: Place, first: Place) -> Flaw {
        Flaw(
            "the key \"\(name)\" stands here a second time; the first is in line \(first.line)", at: place,
            hint: name == "<<" ? "merge several with one list: \"<<: [*a, *b]\"" : "remove one of the two", related: first)
    }

    /// A merge key: one mapping, or a list of them where earlier ones win. What the mapping says itself goes before all.
    private mutating func merge(_ value: Node, key: Place, into mapping: inout Mapping) throws(Flaw) {
        let sources = value.sequence ?? [value]
        for source in sources {
            guard let other = source.mapping else {
                report(Flaw("\"<<\" takes a mapping or a list of mappings", at: source.place, hint: "write \"<<: *name\""))
                continue
            }
            for entry in other.entries where mapping[entry.key] == nil { mapping.set(entry) }
        }
    }

    private mutating func keyText(_ event: Event, depth: Int) throws(Flaw) -> String {
        switch event.kind {
        case .scalar:
            nodes += 1
            _ = remember(Node(text: event.text, at: event.place), event)
            if event.text.isEmpty { report(Flaw("a key is empty", at: event.place)) }
            return event.text
        case .alias:
            guard let text = try alias(event).scalar?.text else {
                throw Flaw("a key must be text", at: event.place)
            }
            return text
        default: throw Flaw("a key must be text", at: event.place, hint: "put it in quotes if it starts with a bracket")
        }
    }

    private mutating func report(_ flaw: Flaw) { flaws.append(flaw) }

    private mutating func remember(_ node: Node, _ event: Event) -> Node {
        if let anchor = event.anchor {
            anchors[anchor] = node
            open.remove(anchor)
        }
        return node
    }

    private mutating func tagged(_ event: Event) throws(Flaw) -> (tag: String?, directive: Node.Directive?) {
        guard let tag = event.tag else { return (nil, nil) }
        switch tag {
        case "!reset": return (nil, .reset)
        case "!override": return (nil, .override)
        case "!": return ("str", nil)
        default: break
        }
        let prefix = "tag:yaml.org,2002:"
        let name = tag.hasPrefix(prefix) ? String(tag.dropFirst(prefix.count)) : ""
        guard ["str", "int", "float", "bool", "null", "map", "seq"].contains(name) else {
            report(Flaw("the tag \"\(tag)\" is not known here", at: event.place, hint: "stack files know \"!reset\" and \"!override\""))
            return (nil, nil)
        }
        return (name, nil)
    }

    // MARK: libyaml

    private mutating func next() throws(Flaw) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxFlaw(parser, source) }
        defer { yaml_event_delete(&event) }
        let mark = event.start_mark
        let place = Place(source: source, line: mark.line + 1, column: mark.column + 1)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let data = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
            let plain = data.style == YAML_PLAIN_SCALAR_STYLE
            return Event(kind: .scalar, place: place, anchor: string(data.anchor), tag: string(data.tag), text: text, plain: plain)
        case YAML_SEQUENCE_START_EVENT:
            let data = event.data.sequence_start
            return Event(kind: .sequence, place: place, anchor: string(data.anchor), tag: string(data.tag))
        case YAML_MAPPING_START_EVENT:
            let data = event.data.mapping_start
            return Event(kind: .mapping, place: place, anchor: string(data.anchor), tag: string(data.tag))
        case YAML_ALIAS_EVENT: return Event(kind: .alias, place: place, anchor: string(event.data.alias.anchor))
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, place: place)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, place: place)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, place: place)
        case YAML_STREAM_START_EVENT: return Event(kind: .start, place: place)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return Event(kind: .end, place: place)
        default: return Event(kind: .none, place: place)
        }
    }

    private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let pointer else { return nil }
        return String(cString: pointer)
    }
}
