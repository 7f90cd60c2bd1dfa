/// What a value of a stack file may look like. One table of these steers the checks, `schemas/stack.schema.json` and the list
/// of attributes in `docs/compose.md`.
indirect enum Shape: Sendable {
    /// Text in the narrow sense: a bare number is refused, as everywhere in the field.
    case text
    /// Anything that has a text: strings, numbers, booleans; nothing at all where `orNull`.
    case loose(orNull: Bool)
    case integer(ClosedRange<Int>?)
    case number
    case boolean
    /// Bytes: a whole number, or text with a unit. `unlimited`: -1 too.
    case size(unlimited: Bool)
    case duration
    case choice([String])
    case list(Shape)
    /// A mapping with keys of the user's choice.
    case map(Shape)
    case object(Table)
    /// The first whose kind of node fits.
    case either([Shape])
    /// Nothing at all stands for all defaults.
    case optional(Shape)
    case anything

    static let texts = Shape.list(.text)
    static let textOrTexts = Shape.either([.text, .list(.text)])
    /// `KEY: value` or `- KEY=value`.
    static let pairs = Shape.either([.map(.loose(orNull: true)), .list(.loose(orNull: false))])

    /// In a message after "expected".
    var words: String {
        switch self {
        case .text: return "text"
        case .loose: return "text"
        case .integer: return "a whole number"
        case .number: return "a number"
        case .boolean: return "true or false"
        case .size: return "a size such as \"512m\""
        case .duration: return "a duration such as \"30s\""
        case .choice(let choices): return choices.map { "\"\($0)\"" }.joined(separator: " or ")
        case .list: return "a list"
        case .map, .object: return "a mapping"
        case .either(let shapes):
            var seen: [String] = []
            for shape in shapes where !seen.contains(shape.words) { seen.append(shape.words) }
            return seen.joined(separator: " or ")
        case .optional(let shape): return shape.words
        case .anything: return "anything"
        }
    }
}

/// What Gantry does with an attribute.
enum Support: Sendable, Hashable {
    case served
    /// Known, but without effect yet: one warning with its line.
    case later
    /// Has no meaning on one Linux host: one warning that says why.
    case inert(String)
    /// Served, but the specification gave it up: one warning that says what to do.
    case obsolete(String)
}

struct Attribute: Sendable {
    var name: String
    var shape: Shape
    var support: Support
    /// One line for the schema and the documentation.
    var summary: String

    init(_ name: String, _ shape: Shape, _ summary: String, _ support: Support = .served) {
        self.name = name
        self.shape = shape
        self.summary = summary
        self.support = support
    }
}

/// The attributes of one kind of mapping.
final class Table: Sendable {
    /// As messages and the schema name it: `service`, `network`.
    let name: String
    let attributes: [Attribute]
    let required: [String]
    /// Whether `x-…` keys may stand here.
    let isOpen: Bool
    private let index: [String: Int]

    init(_ name: String, required: [String] = [], isOpen: Bool = true, _ attributes: [Attribute]) {
        self.name = name
        self.attributes = attributes
        self.required = required
        self.isOpen = isOpen
        var index: [String: Int] = [:]
        for (position, attribute) in attributes.enumerated() { index[attribute.name] = position }
        self.index = index
    }

    subscript(name: String) -> Attribute? { index[name].map { attributes[$0] } }
    var names: [String] { attributes.map(\.name) }
}
