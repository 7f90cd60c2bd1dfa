import StackModel
import YAML

/// Resolves `extends`: a service starts from another one's definition, of the same file or of another.
struct Extending {
    let session: Session
    let base: String
    let environment: [String: String]

    func apply(to root: Node, path: String) -> Node {
        guard var top = root.mapping, var services = top.entry("services"), let mapping = services.value.mapping else { return root }
        guard mapping.entries.contains(where: { $0.value["extends"] != nil }) else { return root }
        var done: [String: Node] = [:]
        for entry in mapping.entries {
            _ = resolve(entry.key, in: mapping, path: path, around: [], done: &done)
        }
        services.value.content = .mapping(mapping.mapValues { done[$0.key] ?? $0.value })
        top.set(services)
        var copy = root
        copy.content = .mapping(top)
        return copy
    }

    /// One step of a chain of `extends`, for the message about a chain without end.
    struct Link: Equatable {
        var path: String
        var service: String
    }

    func resolve(_ name: String, in services: Mapping, path: String, around: [Link], done: inout [String: Node]) -> Node? {
        if let ready = done[name] { return ready }
        guard let own = services[name] else { return nil }
        guard let extends = own["extends"], extends.directive != .reset else {
            done[name] = own
            return own
        }
        let link = Link(path: path, service: name)
        guard around.count < 64 else {
            session.report.error("services extend each other more than 64 deep", at: extends.place)
            return nil
        }
        guard !around.contains(link) else {
            let names = (around.drop { $0 != link } + [link]).map { "\"\($0.service)\"" }
            session.report.error("services extend each other: \(names.joined(separator: " → "))", at: extends.place)
            return nil
        }
        var stripped = own
        if var mapping = own.mapping {
            mapping.remove("extends")
            stripped.content = .mapping(mapping)
        }
        let parent = find(extends, services: services, path: path, around: around + [link], done: &done)
        if parent == nil { session.incomplete.formUnion((around + [link]).map(\.service)) }
        if let parent {
            guard !session.report.isFull else { return nil }
            let size = Self.size(parent)
            guard session.isWithin(extends.place, { () throws(Complaint) in try session.budget.take(copies: size) }) else { return nil }
        }
        let merged = parent.map { Merging.merge($0, stripped, path: ["services", "*"]) } ?? stripped
        if let parent { checkHealth(parent, stripped) }
        done[name] = merged
        return merged
    }

    /// Values of a tree.
    private static func size(_ node: Node) -> Int {
        switch node.content {
        case .scalar: return 1
        case .sequence(let items): return items.reduce(1) { $0 + size($1) }
        case .mapping(let mapping): return mapping.entries.reduce(1) { $0 + size($1.value) }
        }
    }

    private func find(_ extends: Node, services: Mapping, path: String, around: [Link], done: inout [String: Node]) -> Node? {
        guard let target = extends.scalar?.text ?? extends["service"]?.scalar?.text else { return nil }
        let place = extends["service"]?.place ?? extends.place
        guard let fileNode = extends["file"], let file = fileNode.scalar?.text else {
            guard services[target] != nil else {
                unknown(target, services, "this file", at: place)
                return nil
            }
            return resolve(target, in: services, path: path, around: around, done: &done)
        }
        let other = Paths.resolve(file, against: base, home: session.home)
        guard let tree = tree(other, at: fileNode.place), let others = tree["services"]?.mapping else { return nil }
        guard others[target] != nil else {
            unknown(target, others, "\"\(session.shown(other))\"", at: place)
            return nil
        }
        var fresh: [String: Node] = [:]
        let elsewhere = Extending(session: session, base: Paths.parent(other), environment: environment)
        return elsewhere.resolve(target, in: others, path: other, around: around, done: &fresh)
    }

    private func unknown(_ name: String, _ services: Mapping, _ file: String, at place: Place) {
        let near = NearestName.find(name, among: services.entries.map(\.key))
        session.report.error("there is no service \"\(name)\" in \(file) to extend", at: place, hint: near.map { "did you mean \"\($0)\"?" })
    }

    /// Another file, with variables and paths resolved but its `extends` still in it.
    private func tree(_ path: String, at place: Place) -> Node? {
        if let known = session.trees[path] { return known }
        guard let bytes = session.bytes(path, at: place) else {
            session.report.error("the extended file \"\(session.shown(path))\" does not exist", at: place)
            return nil
        }
        let mark = Mark(file: place.source.name, line: place.line, column: place.column)
        if session.report.chains[session.shown(path)] == nil {
            session.report.chains[session.shown(path)] = (session.report.chains[place.source.name] ?? []) + [mark]
        }
        session.filesRead.append(path)
        guard var root = session.parse(path, bytes: bytes) else { return nil }
        if session.request.interpolate {
            root = Interpolation(report: session.report, lookup: { environment[$0] }, ledger: session.ledger).apply(to: root)
        }
        ShapeCheck(report: session.report, isLenient: !session.request.interpolate).check(root)
        root = PathAnchoring(base: Paths.parent(path), home: session.home).apply(to: root)
        session.trees[path] = root
        return root
    }

    private func checkHealth(_ parent: Node, _ own: Node) {
        guard let disable = own["healthcheck"]?["disable"], disable.scalar.flatMap(Scalars.bool) == true else { return }
        guard let test = parent["healthcheck"]?["test"], own["healthcheck"]?["test"] == nil else { return }
        session.report.warning(
            "\"disable\" switches off the health check that is extended (line \(test.place.line))", at: disable.place)
    }
}
