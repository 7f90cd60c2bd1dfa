import CYAML

/// How much a document may ask for. A file within them is read in bounded time and memory, whatever it holds.
public struct Limits: Sendable {
    public var bytes = 16 << 20
    /// Levels of nesting.
    public var depth = 100
    /// Nodes of the tree, aliases counted each time they are used.
    public var nodes = 1_000_000
    /// Nodes that stand there only because of aliases and merge keys.
    public var aliased = 300_000
    /// Problems after which reading ends.
    public var flaws = 50
    public init() {}
}

/// What came of reading a document.
public struct Outcome: Sendable {
    /// `nil`: the document is empty, or its syntax is broken.
    public var root: Node?
    /// In the order they were found; a syntax error is the last one.
    public var flaws: [Flaw]
    /// The text it was read from.
    public var source: Source
}

/// Reads one YAML document into a tree of nodes (libyaml's events underneath).
public struct Reader {
    /// - Parameter name: the file as messages shall name it.
    public static func read(_ bytes: [UInt8], name: String, limits: Limits = Limits()) -> Outcome {
        let source = Source(name: name, bytes: bytes)
        guard bytes.count <= limits.bytes else {
            let flaw = Flaw(
                "the file has \(bytes.count) bytes; at most \(limits.bytes) are read", at: Place(source: source, line: 1, column: 1))
            return Outcome(root: nil, flaws: [flaw], source: source)
        }
        guard !bytes.isEmpty else { return Outcome(root: nil, flaws: [], source: source) }
        return bytes.withUnsafeBufferPointer { buffer in
            let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
            defer { parser.deallocate() }
            guard yaml_parser_initialize(parser) == 1 else {
                let flaw = Flaw("out of memory", at: Place(source: source, line: 1, column: 1))
                return Outcome(root: nil, flaws: [flaw], source: source)
            }
            defer { yaml_parser_delete(parser) }
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            var composer = Composer(parser: parser, source: source, limits: limits)
            do throws(Flaw) {
                let root = try composer.document()
                return Outcome(root: root, flaws: composer.flaws, source: source)
            } catch {
                return Outcome(root: nil, flaws: composer.flaws + [error], source: source)
            }
        }
    }
}
