import StackModel

/// How many containers a service has and which of them are replaced.
func planReplicas(of service: Service, _ draft: inout Draft) {
    let all = draft.containers(service.name)
    if draft.desired.removed.contains(service.name) {
        removeStopped(service, all, &draft)
        return
    }
    if draft.isBlocked(service.name) || isBlockedByOthers(service, &draft) { return }
    let wanted = max(0, service.replicas)
    let kept = choose(all, wanted)
    for container in all where !kept.contains(where: { $0.id == container.id }) {
        retire(container, .scaledDown(to: wanted), &draft, anonymousVolumes: false)
    }
    for container in kept {
        if let reason = replacement(of: container, by: service, &draft) {
            guard hasImage(service, &draft) else { continue }
            replace(container, service, reason, &draft)
        } else {
            keep(container, service, &draft)
        }
    }
    guard kept.count < wanted, hasImage(service, &draft) else { return }
    var numbers = Set(kept.map(\.number))
    for _ in kept.count..<wanted {
        let number = (1...).first { !numbers.contains($0) } ?? 1
        numbers.insert(number)
        make(service, number, .missing, &draft, after: [])
    }
}

/// Lowest numbers stay; one that is broken goes before one that is whole.
private func choose(_ all: [ObservedContainer], _ wanted: Int) -> [ObservedContainer] {
    var seen = Set<Int>()
    // Two of one number: a replacement was interrupted. The newer stays.
    let unique = all.sorted { ($0.number, $1.createdAt, $1.id) < ($1.number, $0.createdAt, $0.id) }.filter { seen.insert($0.number).inserted }
    return Array(unique.sorted { ($0.isBroken ? 1 : 0, $0.number) < ($1.isBroken ? 1 : 0, $1.number) }.prefix(wanted)).sorted { $0.number < $1.number }
}

/// `rm`: what runs stays unless it is stopped too.
private func removeStopped(_ service: Service, _ all: [ObservedContainer], _ draft: inout Draft) {
    for container in all {
        switch container.state {
        case .running, .paused: if draft.isStopped(service.name) { retire(container, .stopRequested, &draft, anonymousVolumes: false) }
        case .created, .exited, .broken: retire(container, .notWanted, &draft, anonymousVolumes: false)
        }
    }
}

/// A service that needs one that cannot be brought up.
private func isBlockedByOthers(_ service: Service, _ draft: inout Draft) -> Bool {
    for name in needs(service).sorted() where draft.isBlocked(name) && (service.dependsOn[name]?.required ?? true) {
        draft.block(service.name, "it depends on \"\(name)\", which cannot be brought up")
        return true
    }
    return false
}

private func hasImage(_ service: Service, _ draft: inout Draft) -> Bool {
    if draft.observed.images[service.image] != nil { return true }
    draft.block(
        service.name, "image \(service.image) is not on this machine",
        hint: "load it with `gantry image load -i FILE`, or make it with `gantry image import ROOTFS.tar \(service.image)`")
    return false
}

// MARK: replacement

/// Why a container has to be made anew; nil when it can stay.
private func replacement(of container: ObservedContainer, by service: Service, _ draft: inout Draft) -> Reason? {
    if case .broken(let why) = container.state { return .broken(why) }
    for (key, _) in container.spec.networks.sorted(by: { $0.key < $1.key }) {
        if let network = draft.desired.stack.networks[key], let changes = draft.replacedNetworks[network.name] {
            return .changed(changes.map { FieldChange(field: "networks.\(key).\($0.field)", old: $0.old, new: $0.new) })
        }
    }
    if case .service(let other) = service.networkMode, draft.isReplaced(other) { return .dependencyRestarted(other) }
    if container.recreateGeneration < draft.desired.recreateGeneration[service.name] ?? 0 { return .forced }
    if draft.desired.keepExisting { return nil }
    let changes = Difference.recreating(from: container.spec, to: service)
    if !changes.isEmpty { return .changed(changes) }
    if let image = draft.observed.images[service.image], image != container.imageID {
        return .imageChanged(old: short(container.imageID), new: short(image))
    }
    return nil
}

private func short(_ id: String) -> String { String((id.hasPrefix("sha256:") ? id.dropFirst(7) : id[...]).prefix(12)) }

private func replace(_ container: ObservedContainer, _ service: Service, _ reason: Reason, _ draft: inout Draft) {
    draft.renewed.insert(service.name)
    let removal = retire(container, reason, &draft, anonymousVolumes: false)
    make(service, container.number, reason, &draft, after: [removal])
}

/// Makes a container and starts it, unless the service is meant to be stopped.
private func make(_ service: Service, _ number: Int, _ reason: Reason, _ draft: inout Draft, after: [StepID]) {
    let name = containerName(service, number, stack: draft.desired.stack.name)
    let creation = draft.add("create \(name)", .createContainer(service: service.name, number: number, name: name), reason, after: after)
    if draft.isStopped(service.name) { return }
    draft.add("start \(name)", .startContainer(id: nil, name: name, service: service.name), reason, after: [creation])
}

/// `<stack>-<service>-<number>`, or the name that was given.
public func containerName(_ service: Service, _ number: Int, stack: String) -> String {
    service.containerName ?? "\(stack)-\(service.name)-\(number)"
}

extension Draft {
    /// Whether a container of the service is made anew by this plan.
    func isReplaced(_ service: String) -> Bool {
        allSteps.contains { step in
            if case .createContainer(let name, _, _) = step.action { return name == service }
            return false
        }
    }
}

extension ObservedContainer {
    var isBroken: Bool {
        if case .broken = state { return true }
        return false
    }
}
