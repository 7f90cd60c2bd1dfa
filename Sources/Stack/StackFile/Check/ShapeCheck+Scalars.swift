import StackModel
import YAML

extension ShapeCheck {
    func checkScalar(_ scalar: Scalar, _ shape: Shape, _ node: Node, _ name: String) {
        switch shape {
        case .text:
            if case .string = scalar.resolved { return }
            if case .null = scalar.resolved { return mismatch(node, shape, name) }
            report.error(
                "\(name) must be text, not \(kind(node))", at: node.place, hint: "put it in quotes: \"\(scalar.text)\"")
        case .loose(let orNull):
            if scalar.resolved == .null, !orNull { mismatch(node, shape, name) }
        case .integer(let range):
            guard let int = Scalars.int(scalar) else { return mismatch(node, shape, name) }
            if let range, !range.contains(int) {
                let upper = range.upperBound == Int.max ? "up" : "to \(range.upperBound)"
                report.error("\(name) must be from \(range.lowerBound) \(upper), not \(int)", at: node.place)
            }
        case .number:
            guard let number = Scalars.double(scalar), number.isFinite else { return mismatch(node, shape, name) }
            if number < 0, name != "\"priority\"", name != "\"gw_priority\"" {
                report.error("\(name) must not be negative", at: node.place)
            }
        case .boolean: checkBoolean(scalar, node, name)
        case .size(let unlimited):
            if unlimited, Scalars.int(scalar) == -1 { return }
            do throws(Complaint) { _ = try Scalars.size(scalar) } catch { report.error(named(error, name), at: node.place) }
        case .duration:
            do throws(Complaint) { _ = try Scalars.duration(scalar) } catch { report.error(named(error, name), at: node.place) }
        case .choice(let choices):
            guard !choices.contains(scalar.text) else { return }
            let near = NearestName.find(scalar.text, among: choices)
            report.error(
                "\(name) must be \(shape.words), not \(kind(node))", at: node.place, hint: near.map { "did you mean \"\($0)\"?" })
        case .list, .map, .object, .either, .optional, .anything: return
        }
    }

    private func named(_ complaint: Complaint, _ name: String) -> Complaint {
        Complaint("\(name): \(complaint.message)", hint: complaint.hint)
    }

    private func checkBoolean(_ scalar: Scalar, _ node: Node, _ name: String) {
        guard let value = Scalars.bool(scalar) else { return mismatch(node, .boolean, name) }
        if case .string(let text) = scalar.resolved, text.lowercased() != "true", text.lowercased() != "false" {
            report.warning("\(name): \"\(text)\" is read as \(value)", at: node.place, hint: "write \"\(value)\"")
        }
    }
}

/// What scalars mean where a certain kind of value is expected; text that came from a variable counts like a bare value.
enum Scalars {
    static func int(_ scalar: Scalar) -> Int? {
        switch scalar.resolved {
        case .int(let int): return int
        case .string(let text):
            if case .int(let int) = Scalar(text: text, style: .plain).resolved { return int }
            return nil
        case .double(let double): return Int(exactly: double)
        case .null, .bool: return nil
        }
    }

    static func double(_ scalar: Scalar) -> Double? {
        switch scalar.resolved {
        case .int(let int): return Double(int)
        case .double(let double): return double
        case .string(let text):
            switch Scalar(text: text, style: .plain).resolved {
            case .int(let int): return Double(int)
            case .double(let double): return double
            case .null, .bool, .string: return nil
            }
        case .null, .bool: return nil
        }
    }

    static func bool(_ scalar: Scalar) -> Bool? {
        switch scalar.resolved {
        case .bool(let bool): return bool
        case .string(let text):
            switch text.lowercased() {
            case "true", "yes", "y", "on", "1": return true
            case "false", "no", "n", "off", "0": return false
            default: return nil
            }
        case .null, .int, .double: return nil
        }
    }

    static func size(_ scalar: Scalar) throws(Complaint) -> Int {
        if case .int(let int) = scalar.resolved {
            guard int >= 0 else { throw Complaint("\(int) is negative; a size cannot be") }
            return int
        }
        return try ByteSize.parse(scalar.text)
    }

    static func duration(_ scalar: Scalar) throws(Complaint) -> Milliseconds { try Duration.parse(scalar.text) }

    /// The text of a value that may be a number or a boolean, as Go prints it; `nil` for nothing.
    static func text(_ scalar: Scalar) -> String? {
        switch scalar.resolved {
        case .null: return nil
        case .bool(let bool): return bool ? "true" : "false"
        case .int(let int): return String(int)
        case .double(let double): return plainNumber(double)
        case .string(let text): return text
        }
    }
}
