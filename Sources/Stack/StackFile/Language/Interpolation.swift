import YAML

/// Replaces variables in the values of a tree; keys stay as they are.
struct Interpolation {
    let report: Report
    let lookup: (String) -> String?
    let ledger: VariableLedger

    func apply(to node: Node) -> Node {
        var copy = node
        switch node.content {
        case .scalar(let scalar):
            guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return node }
            copy.content = .scalar(expand(scalar, at: node.place))
        case .sequence(let items): copy.content = .sequence(items.map(apply))
        case .mapping(let mapping): copy.content = .mapping(mapping.mapValues { apply(to: $0.value) })
        }
        return copy
    }

    private func expand(_ scalar: Scalar, at place: Place) -> Scalar {
        do throws(Complaint) {
            let (text, uses) = try Template.expand(scalar.text, lookup: lookup)
            try ledger.budget.take(text: text.utf8.count)
            for use in uses {
                ledger.note(use)
                guard use.live, !use.isSet, use.form == .plain, ledger.isFirstWarning(use.name) else { continue }
                report.warning(
                    "the variable \"\(use.name)\" is not set; it counts as empty", at: locate("$" + use.name, "${" + use.name, from: place),
                    hint: "set it, or write \"${\(use.name):-}\" if it may be empty")
            }
            return Scalar(text: text, style: .quoted)
        } catch {
            report.error(error, at: locate("$", from: place))
            report.mute(place)
            return Scalar(text: scalar.text, style: .quoted)
        }
    }

    /// The place of a variable within its line, where the value stands in one.
    private func locate(_ forms: String..., from place: Place) -> Place {
        guard let line = place.source.line(place.line) else { return place }
        let rest = line.dropFirst(place.column - 1)
        for form in forms {
            if let range = rest.firstRange(of: form) {
                return place.advanced(by: rest.unicodeScalars.distance(from: rest.startIndex, to: range.lowerBound))
            }
        }
        return place
    }
}

/// The variables that files named.
final class VariableLedger {
    let budget: Budget
    init(budget: Budget) { self.budget = budget }

    private(set) var variables: [String: LoadedStack.Variable] = [:]
    private var warned: Set<String> = []

    func note(_ use: VariableUse) {
        var variable = variables[use.name] ?? LoadedStack.Variable(name: use.name)
        switch use.form {
        case .plain: break
        case .defaulted(let text): variable.defaultValue = variable.defaultValue ?? text
        case .required: variable.required = true
        case .alternate(let text): variable.alternateValue = variable.alternateValue ?? text
        }
        variables[use.name] = variable
    }

    func isFirstWarning(_ name: String) -> Bool { warned.insert(name).inserted }
}

extension VariableLedger {
    var sorted: [LoadedStack.Variable] { variables.values.sorted { $0.name < $1.name } }
}
