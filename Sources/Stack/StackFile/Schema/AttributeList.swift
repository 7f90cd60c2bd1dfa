/// The list of attributes in `docs/compose.md`, made from the tables the loader checks with.
public enum AttributeList {
    /// Markdown tables, one for each part of a stack file.
    public static var text: String {
        var lines: [String] = []
        for (title, path, table) in parts {
            lines += ["### \(title)", "", "| attribute | forms | Gantry |", "|---|---|---|"]
            for attribute in table.attributes { append(attribute, path: path, to: &lines) }
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }

    private static let parts: [(String, String, Table)] = [
        ("Top level", "", Tables.root), ("`services.*`", "", Tables.service), ("`services.*.build`", "", Tables.build),
        ("`services.*.deploy`", "", Tables.deploy), ("`services.*.healthcheck`", "", Tables.healthcheck),
        ("`services.*.ports[]`, long form", "", Tables.port), ("`services.*.volumes[]`, long form", "", Tables.mount),
        ("`services.*.networks.*`", "", Tables.attachment), ("`networks.*`", "", Tables.network), ("`volumes.*`", "", Tables.volume),
        ("`secrets.*`", "", Tables.secret), ("`configs.*`", "", Tables.config),
    ]

    private static func append(_ attribute: Attribute, path: String, to lines: inout [String]) {
        let name = path + attribute.name
        lines.append("| `\(name)` | \(attribute.shape.words.replacing("|", with: "\\|")) | \(words(attribute)) |")
        // Parts of parts that have no table of their own.
        guard case .object(let table) = unwrapped(attribute.shape), !parts.contains(where: { $0.2 === table }), path.isEmpty || path.count < 24
        else { return }
        for part in table.attributes { append(part, path: name + ".", to: &lines) }
    }

    private static func unwrapped(_ shape: Shape) -> Shape {
        if case .optional(let inner) = shape { return inner }
        return shape
    }

    private static func words(_ attribute: Attribute) -> String {
        switch attribute.support {
        case .served: return attribute.summary
        case .later: return "*not served yet, warning:* \(attribute.summary)"
        case .inert(let reason): return "*no effect, warning:* \(reason)"
        case .obsolete(let advice): return "*obsolete, warning:* \(advice)"
        }
    }
}
