/// One use of a variable in a text.
struct VariableUse: Sendable, Hashable {
    enum Form: Sendable, Hashable { case plain, defaulted(String), required(String), alternate(String) }
    var name: String
    var form: Form
    /// Whether its value counts: a default that is not needed is read but not used.
    var live: Bool
    var isSet: Bool
}

/// The variable forms of the Compose Specification: `$V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+r} ${V+r}`, nested, and `$$`.
struct Template {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private let lookup: (String) -> String?
    private(set) var uses: [VariableUse] = []

    private static let deepest = 30
    /// Bytes one value may grow to by its variables.
    private static let longest = 4 << 20

    private init(_ text: String, lookup: @escaping (String) -> String?) {
        bytes = Array(text.utf8)
        self.lookup = lookup
    }

    /// The text with its variables replaced, and the variables it names. Reads the text once, however deep it nests.
    static func expand(_ text: String, lookup: @escaping (String) -> String?) throws(Complaint) -> (text: String, uses: [VariableUse]) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, []) }
        var template = Template(text, lookup: lookup)
        let expanded = try template.run(nested: false, live: true)
        return (String(decoding: expanded, as: UTF8.self), template.uses)
    }

    /// Up to the end, or when nested up to the brace that closes the variable around it.
    private mutating func run(nested: Bool, live: Bool) throws(Complaint) -> [UInt8] {
        var output: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            if nested, byte == UInt8(ascii: "}") { return output }
            position += 1
            if byte == UInt8(ascii: "$") { output += try variable(live: live) } else { output.append(byte) }
            guard output.count <= Self.longest || output.count <= bytes.count else {
                throw Complaint("variables make this value longer than \(Self.longest >> 20) MiB")
            }
        }
        return output
    }

    private mutating func variable(live: Bool) throws(Complaint) -> [UInt8] {
        guard position < bytes.count else { throw invalid("a \"$\" stands alone at the end") }
        switch bytes[position] {
        case UInt8(ascii: "$"):
            position += 1
            return [UInt8(ascii: "$")]
        case UInt8(ascii: "{"):
            position += 1
            return try braced(live: live)
        default:
            let name = name()
            guard !name.isEmpty else { throw invalid("a \"$\" is not followed by the name of a variable") }
            return note(VariableUse(name: name, form: .plain, live: live, isSet: lookup(name) != nil))
        }
    }

    private mutating func note(_ use: VariableUse) -> [UInt8] {
        uses.append(use)
        return Array((lookup(use.name) ?? "").utf8)
    }

    private mutating func name() -> String {
        let start = position
        while position < bytes.count, Self.isName(bytes[position], first: position == start) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    static func isName(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): return true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return !first
        default: return false
        }
    }

    private mutating func braced(live: Bool) throws(Complaint) -> [UInt8] {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw Complaint("variables nest more than \(Self.deepest) deep") }
        let name = name()
        guard !name.isEmpty else { throw invalid("\"${\" is not followed by the name of a variable") }
        guard position < bytes.count else { throw unclosed(name) }
        let value = lookup(name)
        if bytes[position] == UInt8(ascii: "}") {
            position += 1
            return note(VariableUse(name: name, form: .plain, live: live, isSet: value != nil))
        }
        var isStrict = false
        if bytes[position] == UInt8(ascii: ":") {
            isStrict = true
            position += 1
        }
        guard position < bytes.count else { throw unclosed(name) }
        let operation = bytes[position]
        position += 1
        let isGiven = isStrict ? !(value ?? "").isEmpty : value != nil
        return try operate(operation, name: name, value: value ?? "", isGiven: isGiven, live: live)
    }

    private mutating func operate(
        _ operation: UInt8, name: String, value: String, isGiven: Bool, live: Bool
    ) throws(Complaint) -> [UInt8] {
        let isSet = lookup(name) != nil
        let slot = uses.count
        switch operation {
        case UInt8(ascii: "-"):
            uses.append(VariableUse(name: name, form: .defaulted(""), live: live, isSet: isSet))
            let other = try operand(name, live: live && !isGiven)
            uses[slot].form = .defaulted(String(decoding: other, as: UTF8.self))
            return isGiven ? Array(value.utf8) : other
        case UInt8(ascii: "+"):
            uses.append(VariableUse(name: name, form: .alternate(""), live: live, isSet: isSet))
            let other = try operand(name, live: live && isGiven)
            uses[slot].form = .alternate(String(decoding: other, as: UTF8.self))
            return isGiven ? other : []
        case UInt8(ascii: "?"):
            uses.append(VariableUse(name: name, form: .required(""), live: live, isSet: isSet))
            let reason = String(decoding: try operand(name, live: live && !isGiven), as: UTF8.self)
            uses[slot].form = .required(reason)
            guard !isGiven, live else { return Array(value.utf8) }
            throw Complaint(
                "the variable \"\(name)\" must be set" + (reason.isEmpty ? "" : ": \(reason)"), hint: "set it in the environment or in .env")
        default: throw invalid("\"\(String(decoding: [operation], as: UTF8.self))\" is not an operator of variables")
        }
    }

    private mutating func operand(_ name: String, live: Bool) throws(Complaint) -> [UInt8] {
        let text = try run(nested: true, live: live)
        guard position < bytes.count else { throw unclosed(name) }
        position += 1
        return text
    }

    private func invalid(_ what: String) -> Complaint {
        Complaint(what, hint: "write \"$$\" for a dollar sign, \"${NAME}\" or \"${NAME:-default}\" for a variable")
    }

    private func unclosed(_ name: String) -> Complaint {
        Complaint("\"${\(name)\" is never closed", hint: "add \"}\"")
    }
}
