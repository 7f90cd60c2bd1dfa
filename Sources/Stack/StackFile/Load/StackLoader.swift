import StackModel
import YAML

/// Turns stack files into a `Stack`: finds them, reads, interpolates, includes, extends, merges, checks and resolves them.
public struct StackLoader: Sendable {
    public var files: any FileAccess

    public init(files: any FileAccess = DiskFiles()) { self.files = files }

    /// Loads the stack that a command line names.
    ///
    /// Throws every problem of the files at once, each with its place; nothing is changed by loading.
    public func load(_ request: LoadRequest) throws(LoadFailure) -> LoadedStack {
        let session = Session(request: request, files: files)
        guard let found = Discovery(session: session).run(), let roots = parse(found.files, session) else {
            throw LoadFailure(session.report.sorted)
        }
        let name = projectName(roots.map(\.root), found, session)
        session.environment["COMPOSE_PROJECT_NAME"] = name
        guard let tree = merge(roots, found, session), let root = Fields(tree) else { throw LoadFailure(session.report.sorted) }
        if !request.interpolate { return try uninterpolated(tree, name: name, found, session) }
        return try resolve(root, tree, name: name, found, session)
    }

    private func parse(_ paths: [String], _ session: Session) -> [(path: String, root: Node)]? {
        var roots: [(path: String, root: Node)] = []
        for path in paths {
            guard let bytes = session.bytes(path, at: nil) else {
                if !session.report.hasErrors { session.report.error("the stack file \"\(session.shown(path))\" does not exist", at: nil) }
                continue
            }
            session.filesRead.append(path)
            if let root = session.parse(path, bytes: bytes) { roots.append((path, root)) }
        }
        return roots.count == paths.count ? roots : nil
    }

    /// `-p`, then `COMPOSE_PROJECT_NAME`, then the last file's `name`, then the folder's name.
    private func projectName(_ roots: [Node], _ found: Discovery.Found, _ session: Session) -> String {
        func checked(_ name: String, at place: Place?) -> String {
            if let complaint = ProjectName.complaint(name) { session.report.error(complaint, at: place) }
            return name
        }
        if let name = session.request.projectName { return checked(name, at: nil) }
        if let name = session.environment["COMPOSE_PROJECT_NAME"], !name.isEmpty { return checked(name, at: nil) }
        for root in roots.reversed() {
            guard let node = root["name"], node.directive != .reset, let text = node.scalar?.text, !text.isEmpty else { continue }
            let environment = session.environment
            guard let expanded = try? Template.expand(text, lookup: { environment[$0] }).text, !expanded.isEmpty else { continue }
            return checked(expanded, at: node.place)
        }
        let name = ProjectName.normalised(Paths.name(found.directory))
        if name.isEmpty {
            session.report.error("the folder \"\(found.directory)\" gives the stack no name", at: nil, hint: "give one with -p or \"name:\"")
        }
        return name
    }

    private func merge(_ roots: [(path: String, root: Node)], _ found: Discovery.Found, _ session: Session) -> Node? {
        var merged: Node?
        for (path, root) in roots {
            let file = FileTree(session: session, base: found.directory, environment: session.environment, around: [])
            let tree = file.prepare(root, path: path)
            merged = merged.map { Merging.merge($0, tree) } ?? tree
        }
        return merged.flatMap(Merging.withoutResets)
    }

    private func resolve(
        _ root: Fields, _ tree: Node, name: String, _ found: Discovery.Found, _ session: Session
    ) throws(LoadFailure) -> LoadedStack {
        let selection = Selection(session: session, root: root)
        selection.activateProfiles()
        let decoder = StackDecoder(session: session, root: root, name: name)
        var stack = decoder.decode(directory: found.directory)
        let profiles = Set(stack.services.values.flatMap(\.profiles)).sorted()
        let (active, inactive) = selection.divide(stack)
        stack.services = active
        References(report: session.report, root: root, stack: stack, inactive: inactive).check()
        decoder.checkSources(selection.withoutUnused(stack))
        guard !session.report.hasErrors, !(session.request.isStrict && !session.report.diagnostics.isEmpty) else {
            throw LoadFailure(session.request.isStrict ? session.report.sorted.map(asError) : session.report.sorted)
        }
        stack.services = selection.withoutAbsent(active)
        stack = selection.withoutUnused(stack)
        stack.files = session.filesRead
        let canonical = Canonical(stack: stack, root: root).value
        stack.secrets = stack.secrets.mapValues { withoutVariable($0, session) }
        stack.configs = stack.configs.mapValues { withoutVariable($0, session) }
        var loaded = LoadedStack(
            stack: stack, inactive: inactive, diagnostics: session.report.sorted, canonical: canonical, isInterpolated: true, profiles: profiles,
            variables: session.ledger.sorted)
        for (name, place) in session.imagePlaces.sorted(by: { $0.key > $1.key }) {
            guard let image = stack.services[name]?.image else { continue }
            let mark = Mark(file: place.source.name, line: place.line, column: place.column)
            loaded.imagePlaces[image] = Diagnostic(.error, at: mark, "", quoted: place.source.line(place.line))
        }
        return loaded
    }

    private func asError(_ diagnostic: Diagnostic) -> Diagnostic {
        var copy = diagnostic
        copy.severity = .error
        return copy
    }

    /// `config --no-interpolate`: the merged files as they are; a stack cannot be made of them.
    private func uninterpolated(
        _ tree: Node, name: String, _ found: Discovery.Found, _ session: Session
    ) throws(LoadFailure) -> LoadedStack {
        guard !session.report.hasErrors else { throw LoadFailure(session.report.sorted) }
        var canonical = Value(tree)
        if case .map(var map) = canonical {
            map["name"] = .string(name)
            map["version"] = nil
            canonical = .map(map)
        }
        let stack = Stack(name: name, workingDirectory: found.directory, files: session.filesRead)
        return LoadedStack(
            stack: stack, inactive: [:], diagnostics: session.report.sorted, canonical: canonical, isInterpolated: false, profiles: [],
            variables: session.ledger.sorted)
    }

    /// The engine does not see the caller's variables: what comes from one travels as content.
    private func withoutVariable(_ object: FileObject, _ session: Session) -> FileObject {
        guard case .environment(let variable) = object.source else { return object }
        var copy = object
        copy.source = .content(session.environment[variable] ?? "")
        return copy
    }
}
