import StackModel
import YAML

/// Brings one file to the form in which files merge: variables replaced, checked, paths absolute, `extends` and `include`
/// resolved.
struct FileTree {
    let session: Session
    /// The folder that relative paths of the file start from.
    let base: String
    let environment: [String: String]
    /// Files that are being included around this one; a file among them would include itself.
    let around: [String]

    /// A file that is the stack's own, already parsed.
    func prepare(_ root: Node, path: String) -> Node {
        var tree = root
        if session.request.interpolate {
            tree = Interpolation(report: session.report, lookup: { environment[$0] }, ledger: session.ledger).apply(to: tree)
        }
        ShapeCheck(report: session.report, isLenient: !session.request.interpolate).check(tree)
        let includes = tree["include"]
        tree = PathAnchoring(base: base, home: session.home).apply(to: tree)
        tree = Extending(session: session, base: base, environment: environment).apply(to: tree, path: path)
        if let includes { tree = include(includes, into: tree, path: path) }
        return tree
    }

    /// Reads, parses and prepares; problems are reported at `place`.
    func load(_ path: String, at place: Place?, what: String) -> Node? {
        guard session.isWithin(place, { () throws(Complaint) in try session.budget.takeFile() }), !session.report.isFull else { return nil }
        guard let bytes = session.bytes(path, at: place) else {
            if !session.report.hasErrors(at: place) {
                session.report.error("the \(what) \"\(session.shown(path))\" does not exist", at: place)
            }
            return nil
        }
        noteChain(path, place)
        session.filesRead.append(path)
        guard let root = session.parse(path, bytes: bytes) else { return nil }
        return prepare(root, path: path)
    }

    private func noteChain(_ path: String, _ place: Place?) {
        guard let place else { return }
        let mark = Mark(file: place.source.name, line: place.line, column: place.column)
        session.report.chains[session.shown(path)] = (session.report.chains[place.source.name] ?? []) + [mark]
    }

    private func include(_ node: Node, into tree: Node, path: String) -> Node {
        var merged: Node?
        for item in node.sequence ?? [] {
            let single = item.scalar.map { [$0.text] }
            let paths = single ?? Fields.texts(item["path"])
            guard let first = paths.first else {
                session.report.error("an include needs \"path\"", at: item.place)
                continue
            }
            guard !paths.contains(where: session.isRemote) else {
                session.reportRemote(at: item.place)
                continue
            }
            let absolute = paths.map { Paths.resolve($0, against: base, home: session.home) }
            let folder =
                item["project_directory"]?.scalar.map { Paths.resolve($0.text, against: base, home: session.home) }
                ?? Paths.parent(Paths.resolve(first, against: base, home: session.home))
            var variables = environment
            addVariables(item["env_file"], folder: folder, to: &variables)
            for (index, file) in absolute.enumerated() {
                if around.contains(file) || file == path {
                    session.report.error(cycle(to: file, from: path), at: item.place)
                    continue
                }
                let loader = FileTree(session: session, base: folder, environment: variables, around: around + [path])
                guard let included = loader.load(file, at: item.place, what: "included file") else { continue }
                merged = index == 0 || merged == nil ? conjoin(merged, included) : Merging.merge(merged ?? included, included)
            }
        }
        var own = tree
        if var mapping = own.mapping {
            mapping.remove("include")
            own.content = .mapping(mapping)
        }
        guard let merged else { return own }
        return conjoin(merged, own)
    }

    private func conjoin(_ base: Node?, _ over: Node) -> Node { base.map { Merging.merge($0, over) } ?? over }

    private func cycle(to file: String, from path: String) -> String {
        let start = around.firstIndex(of: file).map { Array(around[$0...]) } ?? []
        let names = (start + [path, file]).map(session.shown)
        return "files include each other: \(names.joined(separator: " → "))"
    }

    private func addVariables(_ node: Node?, folder: String, to variables: inout [String: String]) {
        let caller = variables
        if let node {
            for path in Fields.texts(node) {
                session.addVariables(from: Paths.resolve(path, against: base, home: session.home), isNeeded: true, to: &variables)
            }
        } else if folder != base {
            session.addVariables(from: folder + "/.env", isNeeded: false, to: &variables)
        }
        variables.merge(caller) { $1 }
    }
}
