import StackModel

/// A plan in the making: what the passes know and have decided.
struct Draft {
    let desired: Desired
    let observed: Observed
    let policy: Policy
    let now: Timestamp
    /// Services that shall exist, dependencies first.
    let active: [Service]
    /// Services that cannot be brought up, with why.
    private(set) var blocked: [String: String] = [:]
    /// Networks that are replaced: full name → the change.
    var replacedNetworks: [String: [FieldChange]] = [:]
    /// Services of which a container is replaced or restarted on purpose.
    var renewed: Set<String> = []
    private var steps: [StepID: Step] = [:]
    private var notes: [Note] = []
    private var wakeAt: Timestamp?
    private let containersByService: [String: [ObservedContainer]]

    init(desired: Desired, observed: Observed, policy: Policy, now: Timestamp) {
        self.desired = desired
        self.observed = observed
        self.policy = policy
        self.now = now
        active = dependencyOrder(desired.stack).filter { desired.services.contains($0.name) }
        containersByService = Dictionary(grouping: observed.containers, by: \.service).mapValues { $0.sorted { ($0.number, $0.id) < ($1.number, $1.id) } }
    }

    func containers(_ service: String) -> [ObservedContainer] { containersByService[service] ?? [] }
    func isStopped(_ service: String) -> Bool { desired.stopped.contains(service) }
    func isBlocked(_ service: String) -> Bool { blocked[service] != nil }

    // MARK: steps

    @discardableResult
    mutating func add(_ id: String, _ action: Action, _ because: Reason, after: [StepID] = [], risk: Risk = .none) -> StepID {
        let id = StepID(id)
        steps[id] = Step(id: id, action: action, because: because, after: after.sorted(), risk: risk)
        return id
    }

    func has(_ id: StepID) -> Bool { steps[id] != nil }
    var allSteps: [Step] { Array(steps.values) }

    mutating func order(_ id: StepID, after others: some Sequence<StepID>) {
        guard let step = steps[id] else { return }
        let more = Set(step.after).union(others.filter { steps[$0] != nil && $0 != id })
        steps[id] = Step(id: id, action: step.action, because: step.because, after: more.sorted(), risk: step.risk)
    }

    mutating func drop(_ id: StepID) { steps[id] = nil }

    // MARK: notes

    mutating func note(_ kind: Note.Kind, _ subject: String, _ text: String, hint: String? = nil) {
        let note = Note(kind: kind, subject: subject, text: text, hint: hint)
        if !notes.contains(note) { notes.append(note) }
    }

    /// Says why a service cannot be brought up; what runs of it is left as it is.
    mutating func block(_ service: String, _ text: String, hint: String? = nil) {
        if blocked[service] == nil { blocked[service] = text }
        note(.error, "service \"\(service)\"", text, hint: hint)
    }

    mutating func wake(at moment: Timestamp) { wakeAt = wakeAt.map { min($0, moment) } ?? moment }

    var plan: Plan {
        let known = steps
        let ordered = steps.values.map { step in
            Step(id: step.id, action: step.action, because: step.because, after: step.after.filter { known[$0] != nil }, risk: step.risk)
        }
        return Plan(steps: topological(ordered), notes: notes, wakeAt: wakeAt)
    }
}

/// Services with those they depend on before them; ties by name. Circles, which the loader refuses, are cut.
func dependencyOrder(_ stack: Stack) -> [Service] {
    var done = Set<String>()
    var out: [Service] = []
    func visit(_ name: String, _ path: Set<String>) {
        guard let service = stack.services[name], !done.contains(name), !path.contains(name) else { return }
        for other in needs(service).sorted() { visit(other, path.union([name])) }
        if done.insert(name).inserted { out.append(service) }
    }
    for name in stack.services.keys.sorted() { visit(name, []) }
    return out
}

/// Services that must be there before this one.
func needs(_ service: Service) -> Set<String> {
    var names = Set(service.dependsOn.keys)
    if case .service(let other) = service.networkMode { names.insert(other) }
    return names
}

/// Steps with their predecessors before them; ties by id, so that the same plan is always the same text.
func topological(_ steps: [Step]) -> [Step] {
    var open = Dictionary(uniqueKeysWithValues: steps.map { ($0.id, Set($0.after)) })
    let byID = Dictionary(uniqueKeysWithValues: steps.map { ($0.id, $0) })
    var dependants: [StepID: [StepID]] = [:]
    for step in steps { for before in step.after { dependants[before, default: []].append(step.id) } }
    var ready = steps.filter(\.after.isEmpty).map(\.id).sorted()
    var out: [Step] = []
    while !ready.isEmpty {
        let id = ready.removeFirst()
        if let step = byID[id] { out.append(step) }
        var freed: [StepID] = []
        for next in dependants[id] ?? [] {
            open[next]?.remove(id)
            if open[next]?.isEmpty == true { freed.append(next) }
        }
        if !freed.isEmpty { ready = (ready + freed).sorted() }
    }
    return out
}
