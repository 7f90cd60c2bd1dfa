import StackModel

extension Plan {
    /// One line a step, in an order in which they can be done; then the notes. The same plan is always the same text.
    public var text: String {
        var lines = steps.map { step in
            let after = step.after.isEmpty ? "" : "  [after \(step.after.map(\.text).joined(separator: ", "))]"
            let risk = step.risk == .losesData ? "  (loses data)" : ""
            return "\(step.id): \(step.because.sentence)\(risk)\(after)"
        }
        for note in notes { lines.append("\(note.kind.rawValue): \(note.subject): \(note.text)") }
        return lines.joined(separator: "\n")
    }
}

extension Reason {
    /// As a person would say it.
    public var sentence: String {
        switch self {
        case .missing: return "it is missing"
        case .changed(let changes): return changes.isEmpty ? "its definition changed" : changes.map(\.sentence).joined(separator: ", ")
        case .imageChanged(let old, let new): return "image \(old) → \(new)"
        case .forced: return "asked for anew (--force-recreate)"
        case .restartRequested: return "a restart was asked for"
        case .exited(let code, let signal, let oomKilled, let attempt):
            let end = oomKilled ? "was killed for want of memory" : signal.map { "was ended by signal \($0)" } ?? "exited (\(code))"
            return "it \(end)\(attempt > 1 ? ", attempt \(attempt)" : "")"
        case .startFailed(let why, let attempt): return "it could not be started (\(why)), attempt \(attempt)"
        case .unhealthy(let output):
            guard let output, !output.isEmpty else { return "it is unhealthy" }
            return "it is unhealthy: \(output.split(separator: "\n").first.map(String.init) ?? "")"
        case .dependencyRestarted(let name): return "\(name), which it depends on, was renewed"
        case .replaces(let name): return "it replaces \(name)"
        case .needed(by: let name): return "\(name) is waited for"
        case .scaledDown(let count): return "scaled to \(count)"
        case .orphan: return "the stack does not have this service"
        case .notWanted: return "it is no longer wanted"
        case .stopRequested: return "a stop was asked for"
        case .drift(let sentences): return sentences.joined(separator: "; ")
        case .broken(let why): return why
        }
    }
}
