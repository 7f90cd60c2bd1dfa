import StackModel

/// `depends_on` and shared networks: what starts after what, and what is waited for.
func orderByDependencies(_ draft: inout Draft) {
    for service in draft.active {
        for (name, dependency) in service.dependsOn.sorted(by: { $0.key < $1.key }) where dependency.restart && draft.renewed.contains(name) {
            restartWithDependency(service, name, &draft)
        }
    }
    // Dependencies come first in `active`: what is dropped for one service is known when its dependants are looked at.
    for service in draft.active {
        let starts = draft.starts(of: service.name)
        if starts.isEmpty { continue }
        var gates: [StepID] = []
        var isHeld = false
        for name in needs(service).sorted() where draft.desired.stack.services[name] != nil {
            let dependency = service.dependsOn[name] ?? Dependency()
            switch gate(name, dependency, for: service, &draft) {
            case .open(let steps): gates += steps
            case .closed: isHeld = true
            }
        }
        for start in starts {
            if isHeld { draft.drop(start) } else { draft.order(start, after: gates) }
        }
        if case .service(let other) = service.networkMode { orderNetworkSharing(service, other, &draft) }
    }
    orderStops(&draft)
}

private enum Gate {
    case open([StepID])
    /// It cannot start now.
    case closed
}

/// What must have happened to a dependency before the service's containers start.
private func gate(_ name: String, _ dependency: Dependency, for service: Service, _ draft: inout Draft) -> Gate {
    let starts = draft.starts(of: name)
    var gates = starts
    for (container, start) in draft.containersAfter(name) {
        switch dependency.condition {
        case .started: break
        case .healthy:
            if let wait = waitHealthy(name, container, start, &draft) { gates.append(wait) }
            if start == nil, let end = container?.exit, dependency.required {
                return close(service, &draft, "dependency \"\(name)\" exited (\(end.code)) and cannot become healthy", name)
            }
        case .completed:
            if start == nil, let end = container?.exit {
                if end.code != 0, dependency.required {
                    return close(service, &draft, "dependency \"\(name)\" did not complete successfully: exit \(end.code)", name)
                }
            } else if let wait = waitCompleted(name, container, start, &draft) {
                gates.append(wait)
            }
        }
    }
    return .open(gates)
}

private func close(_ service: Service, _ draft: inout Draft, _ text: String, _ dependency: String) -> Gate {
    draft.note(.error, "service \"\(service.name)\"", text, hint: "see `gantry logs \(dependency)`")
    return .closed
}

private func waitHealthy(_ name: String, _ container: ObservedContainer?, _ start: StepID?, _ draft: inout Draft) -> StepID? {
    if start == nil, container?.health == .healthy { return nil }
    return wait("healthy", name, container, start, &draft) { .waitHealthy(id: $0, name: $1, service: name) }
}

private func waitCompleted(_ name: String, _ container: ObservedContainer?, _ start: StepID?, _ draft: inout Draft) -> StepID? {
    wait("completed", name, container, start, &draft) { .waitCompleted(id: $0, name: $1, service: name) }
}

private func wait(
    _ what: String, _ service: String, _ container: ObservedContainer?, _ start: StepID?, _ draft: inout Draft, _ action: (String?, String) -> Action
) -> StepID? {
    // A container that neither runs nor will be started in this plan has nothing to be waited for.
    guard start != nil || container?.isLive == true else { return nil }
    let name: String
    if let start { name = String(start.text.dropFirst("start ".count)) } else { name = container?.name ?? service }
    let isSame = start.map { draft.startsExisting($0) } ?? true
    return draft.add(
        "wait \(what) \(name)", action(isSame ? container?.id : nil, name), .needed(by: service), after: start.map { [$0] } ?? [])
}

/// A shared network namespace must be there before the container that joins it is made.
private func orderNetworkSharing(_ service: Service, _ other: String, _ draft: inout Draft) {
    let creations = draft.creations(of: other)
    for creation in draft.creations(of: service.name) { draft.order(creation, after: creations) }
}

/// Networks and volumes before containers; what holds a name, port or address before what takes it.
func orderByResources(_ draft: inout Draft) {
    let steps = draft.allSteps
    var removals: [StepID] = []
    var makers: [StepID] = []
    var repairs: [StepID] = []
    var networkRemovals: [StepID] = []
    for step in steps {
        switch step.action {
        case .removeContainer: removals.append(step.id)
        case .createNetwork, .createVolume: makers.append(step.id)
        case .repairNetwork, .repairContainer: repairs.append(step.id)
        case .removeNetwork: networkRemovals.append(step.id)
        default: break
        }
    }
    for id in networkRemovals { draft.order(id, after: removals) }
    for step in steps {
        switch step.action {
        case .createContainer(let service, _, _):
            draft.order(step.id, after: makers + repairs)
            if draft.takesFixedThings(service) { draft.order(step.id, after: removals) }
        case .startContainer(let id, _, _) where id != nil: draft.order(step.id, after: repairs + makers)
        default: break
        }
    }
}

extension Draft {
    func starts(of service: String) -> [StepID] {
        allSteps.compactMap { step in
            if case .startContainer(_, _, service) = step.action { return step.id }
            return nil
        }.sorted()
    }

    func creations(of service: String) -> [StepID] {
        allSteps.compactMap { step in
            if case .createContainer(service, _, _) = step.action { return step.id }
            return nil
        }.sorted()
    }

    /// Whether the start is of a container that is there already.
    func startsExisting(_ id: StepID) -> Bool {
        if case .startContainer(let container, _, _)? = allSteps.first(where: { $0.id == id })?.action { return container != nil }
        return false
    }

    /// The service's containers as they will be: each that stays and each that is made, with its start in this plan.
    func containersAfter(_ service: String) -> [(ObservedContainer?, StepID?)] {
        let starts = Set(starts(of: service))
        let removed = Set(allSteps.compactMap { step -> String? in
            if case .removeContainer(let id, _, _) = step.action { return id }
            return nil
        })
        var out: [(ObservedContainer?, StepID?)] = []
        var seen = Set<StepID>()
        for container in containers(service) where !removed.contains(container.id) {
            let start = StepID("start \(container.name)")
            out.append((container, starts.contains(start) ? start : nil))
            seen.insert(start)
        }
        return out + starts.subtracting(seen).sorted().map { (nil, $0) }
    }

    /// A fixed host port, address or name, which another container may have to give up first.
    func takesFixedThings(_ service: String) -> Bool {
        guard let service = desired.stack.services[service] else { return false }
        return service.containerName != nil || service.ports.contains { $0.published != nil }
            || service.networks.values.contains { $0.ipv4Address != nil || $0.macAddress != nil }
    }
}

extension ObservedContainer {
    var exit: Exit? {
        if case .exited(let exit) = state { return exit }
        return nil
    }
    var isLive: Bool {
        switch state {
        case .running, .paused: true
        default: false
        }
    }
}
