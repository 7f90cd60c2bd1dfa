import StackModel

/// Everything of the stack goes, dependants before what they depend on; volumes only when that was asked for.
func takeDown(_ draft: inout Draft, removeVolumes: Bool) {
    var removals: [StepID] = []
    for container in draft.observed.containers.sorted(by: { $0.name < $1.name }) {
        removals.append(retire(container, .notWanted, &draft, anonymousVolumes: removeVolumes))
    }
    orderStops(&draft)
    for network in draft.observed.networks.values.sorted(by: { $0.name < $1.name }) {
        guard network.spec?.external == false else { continue }
        if network.usedElsewhere {
            draft.note(.warning, "network \(network.name)", "it is still in use by another stack and stays")
            continue
        }
        draft.add("remove network \(network.name)", .removeNetwork(name: network.name), .notWanted, after: removals)
    }
    guard removeVolumes else { return }
    for volume in draft.desired.stack.volumes.values.sorted(by: { $0.name < $1.name }) where !volume.external {
        guard draft.observed.volumes.contains(volume.name) else { continue }
        draft.add("remove volume \(volume.name)", .removeVolume(name: volume.name), .notWanted, after: removals, risk: .losesData)
    }
}

/// Containers of services that the stack does not have.
func planOrphans(_ draft: inout Draft) {
    let orphans = draft.observed.containers.filter { draft.desired.stack.services[$0.service] == nil }
    if orphans.isEmpty { return }
    if draft.desired.removeOrphans {
        for orphan in orphans { retire(orphan, .orphan, &draft, anonymousVolumes: false) }
        return
    }
    let names = orphans.map(\.name).sorted().joined(separator: " ")
    draft.note(
        .warning, "stack \"\(draft.desired.stack.name)\"", "found orphan containers ([\(names)]) for this project",
        hint: "if you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up")
}

/// Stops a container if it runs, and removes it.
/// - Returns: the removal.
@discardableResult
func retire(_ container: ObservedContainer, _ because: Reason, _ draft: inout Draft, anonymousVolumes: Bool) -> StepID {
    let stop = stop(container, because, &draft)
    return draft.add(
        "remove \(container.name) \(container.id.prefix(8))",
        .removeContainer(id: container.id, name: container.name, anonymousVolumes: anonymousVolumes), because, after: stop.map { [$0] } ?? [])
}

/// - Returns: nil when it does not run.
func stop(_ container: ObservedContainer, _ because: Reason, _ draft: inout Draft) -> StepID? {
    switch container.state {
    case .running, .paused, .broken:
        let grace = draft.desired.stopTimeout ?? container.spec.stopGracePeriod
        return draft.add(
            "stop \(container.name) \(container.id.prefix(8))", .stopContainer(id: container.id, name: container.name, grace: grace), because,
            risk: .interrupts)
    case .created, .exited: return nil
    }
}

/// What depends on a service stops before it.
func orderStops(_ draft: inout Draft) {
    var stopOf: [String: StepID] = [:]
    for step in draft.allSteps {
        if case .stopContainer(let id, _, _) = step.action { stopOf[id] = step.id }
    }
    for container in draft.observed.containers {
        guard let before = stopOf[container.id] else { continue }
        for dependency in needs(container.spec) where dependency != container.service {
            for other in draft.containers(dependency) {
                if let stop = stopOf[other.id] { draft.order(stop, after: [before]) }
            }
        }
    }
}
