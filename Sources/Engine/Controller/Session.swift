import StackModel

/// A verb that somebody waits for: gets the progress of the passes made for its revision and ends with one result.
actor Session {
    private let continuation: AsyncStream<StreamItem>.Continuation
    private var said = Set<String>()
    private(set) var failures: [Failure] = []
    private var notes: [String] = []
    private var hasEnded = false
    /// Containers that some step named: the others are reported as they are.
    private(set) var named = Set<String>()

    /// What must hold after the plan was carried out.
    enum Goal: Sendable, Hashable {
        case carriedOut
        /// All containers run, and are healthy where they have a check.
        case ready(until: Timestamp?)
        /// Nothing of the stack is left.
        case gone
    }
    nonisolated let goal: Goal
    nonisolated let revision: Int

    init(goal: Goal, revision: Int, continuation: AsyncStream<StreamItem>.Continuation) {
        self.goal = goal
        self.revision = revision
        self.continuation = continuation
    }

    /// Passes progress on; the same words about the same thing only once, as looking again repeats waits.
    func tell(_ progress: Progress) {
        named.insert(progress.name)
        guard !hasEnded, said.insert("\(progress.kind.rawValue) \(progress.name) \(progress.status)").inserted else { return }
        continuation.yield(.progress(progress))
    }

    func fail(_ failure: Failure) {
        if !failures.contains(failure) { failures.append(failure) }
    }

    func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }

    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        continuation.yield(.result(VerbResult(ok: failures.isEmpty, errors: failures, notes: notes)))
        continuation.finish()
    }
}
