import StackModel

/// The JSON schema with which editors complete and check stack files; made from the tables the loader checks with.
public enum StackSchema {
    /// The schema's text, with a newline at the end; `schemas/stack.schema.json` holds the same.
    public static var text: String {
        var map: [String: Value] = [
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("Gantry stack file"),
            "description": .string("A stack of services in the Compose format, as Gantry reads it"),
            "$defs": .map(definitions),
        ]
        if case .map(let root) = object(Tables.root) { map.merge(root) { $1 } }
        return JSONText.render(.map(map), first: ["$schema", "title", "description", "type"]) + "\n"
    }

    private static let named: [(String, Table)] = [
        ("service", Tables.service), ("network", Tables.network), ("volume", Tables.volume), ("secret", Tables.secret),
        ("config", Tables.config), ("deploy", Tables.deploy), ("build", Tables.build), ("healthcheck", Tables.healthcheck),
    ]

    private static var definitions: [String: Value] {
        var map: [String: Value] = [
            "pairs": .map([
                "oneOf": .list([
                    .map(["type": .string("object"), "additionalProperties": types("string", "number", "boolean", "null")]),
                    .map(["type": .string("array"), "items": types("string", "number", "boolean")]),
                ])
            ]),
            "variable": .map(["type": .string("string"), "pattern": .string("\\$")]),
        ]
        for (name, table) in named { map[name] = object(table) }
        return map
    }

    private static func types(_ names: String...) -> Value {
        .map(["type": names.count == 1 ? .string(names[0]) : .list(names.map { .string($0) })])
    }

    private static func object(_ table: Table) -> Value {
        var properties: [String: Value] = [:]
        for attribute in table.attributes {
            var text = attribute.summary
            var isDeprecated = false
            switch attribute.support {
            case .served: break
            case .later: text += " (not served yet)"
            case .inert(let reason): text += " (no effect: \(reason))"
            case .obsolete(let advice):
                text += " (obsolete: \(advice))"
                isDeprecated = true
            }
            guard case .map(var property) = schema(attribute.shape) else { continue }
            property["description"] = .string(text)
            if isDeprecated { property["deprecated"] = .bool(true) }
            properties[attribute.name] = .map(property)
        }
        var map: [String: Value] = [
            "type": .string("object"), "properties": .map(properties), "additionalProperties": .bool(false),
        ]
        if table.isOpen { map["patternProperties"] = .map(["^x-": .map([:])]) }
        if !table.required.isEmpty { map["required"] = .list(table.required.map { .string($0) }) }
        return .map(map)
    }

    private static func schema(_ shape: Shape) -> Value {
        switch shape {
        case .text: return types("string")
        case .loose(let orNull): return orNull ? types("string", "number", "boolean", "null") : types("string", "number", "boolean")
        case .integer(let range):
            var whole: [String: Value] = ["type": .string("integer")]
            if let range, range.lowerBound != Int.min { whole["minimum"] = .int(range.lowerBound) }
            if let range, range.upperBound != Int.max { whole["maximum"] = .int(range.upperBound) }
            // As text too: YAML's octal, and numbers in quotes.
            return .map(["oneOf": .list([.map(whole), types("string")])])
        case .number, .size: return types("number", "string")
        case .boolean: return .map(["oneOf": .list([types("boolean"), types("string")])])
        case .duration: return types("string")
        case .choice(let choices):
            return .map(["anyOf": .list([.map(["enum": .list(choices.map { .string($0) })]), reference("variable")])])
        case .list(let inner): return .map(["type": .string("array"), "items": schema(inner)])
        case .map(let inner): return .map(["type": .string("object"), "additionalProperties": schema(inner)])
        case .object(let table):
            guard let name = named.first(where: { $0.1 === table })?.0 else { return object(table) }
            return reference(name)
        case .either(let shapes):
            if case .map(.loose)? = shapes.first, shapes.count == 2 { return reference("pairs") }
            return .map(["anyOf": .list(shapes.map(schema))])
        case .optional(let inner): return .map(["anyOf": .list([schema(inner), types("null")])])
        case .anything: return .map([:])
        }
    }

    private static func reference(_ name: String) -> Value { .map(["$ref": .string("#/$defs/\(name)")]) }
}
