import StackModel
import YAML

/// Collects what is to be said about the files of one load.
final class Report {
    private(set) var diagnostics: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    private var ranks: [String: Int] = [:]
    /// For files that were included or extended: the places that led to them, outermost first.
    var chains: [String: [Mark]] = [:]

    /// Values that could not be resolved: what else is wrong with them follows from that.
    private var muted: Set<Place> = []

    func mute(_ place: Place) { muted.insert(place) }

    /// Enough for anyone: what is left unsaid is said when these are mended.
    private static let most = 200
    var isFull: Bool { diagnostics.count >= Self.most }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Whether an error was already reported for a place.
    func hasErrors(at place: Place?) -> Bool {
        let mark = place.map { Mark(file: $0.source.name, line: $0.line, column: $0.column) }
        return diagnostics.contains { $0.severity == .error && $0.mark == mark }
    }

    func error(_ message: String, at place: Place?, hint: String? = nil) { add(.error, message, at: place, hint: hint) }
    func warning(_ message: String, at place: Place?, hint: String? = nil) { add(.warning, message, at: place, hint: hint) }
    func error(_ complaint: Complaint, at place: Place?) { add(.error, complaint.message, at: place, hint: complaint.hint) }
    func add(_ flaw: Flaw) { add(.error, flaw.message, at: flaw.place, hint: flaw.hint) }

    private func add(_ severity: Diagnostic.Severity, _ message: String, at place: Place?, hint: String?) {
        if let place, muted.contains(place) { return }
        guard !isFull else { return }
        let mark = place.map { Mark(file: $0.source.name, line: $0.line, column: $0.column) }
        let diagnostic = Diagnostic(
            severity, at: mark, message, hint: hint, quoted: place.flatMap { $0.source.line($0.line) }, chain: mark.flatMap { chains[$0.file] } ?? [])
        guard seen.insert(diagnostic).inserted else { return }
        diagnostics.append(diagnostic)
        if let mark, ranks[mark.file] == nil { ranks[mark.file] = ranks.count }
    }

    /// By file in the order they were met, then by place; what has no place goes first.
    var sorted: [Diagnostic] {
        ordered + (isFull ? [Diagnostic(.error, "more than \(Self.most) problems; the rest is not shown")] : [])
    }

    private var ordered: [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            let one = left.element.mark
            let other = right.element.mark
            guard let one, let other else { return one == nil && other != nil || (one == nil) == (other == nil) && left.offset < right.offset }
            if one.file != other.file { return ranks[one.file] ?? 0 < ranks[other.file] ?? 0 }
            if one.line != other.line { return one.line < other.line }
            if one.column != other.column { return one.column < other.column }
            return left.offset < right.offset
        }.map(\.element)
    }
}
