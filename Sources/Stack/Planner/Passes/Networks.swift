import StackModel

/// Networks that active services use: made when missing, replaced when declared otherwise, repaired when they drifted.
func planNetworks(_ draft: inout Draft) {
    let stack = draft.desired.stack
    let used = Set(draft.active.filter { $0.networkMode == .networks && !draft.isStoppedAway($0) }.flatMap { $0.networks.keys })
    for key in used.sorted() {
        guard let network = stack.networks[key] else { continue }
        let there = draft.observed.networks[network.name]
        if network.external {
            if there == nil { blockUsers(of: key, &draft, "network \"\(network.name)\" is declared as external and does not exist") }
            continue
        }
        guard let there else {
            draft.add("create network \(network.name)", .createNetwork(name: network.name, key: key), .missing)
            continue
        }
        let changes = there.spec.map { Difference.recreating(from: $0, to: network) } ?? []
        if !changes.isEmpty {
            guard !there.usedElsewhere else {
                blockUsers(of: key, &draft, "network \"\(network.name)\" changed (\(changes.map(\.sentence).joined(separator: ", "))) and another stack uses it")
                continue
            }
            draft.replacedNetworks[network.name] = changes
            let removal = draft.add("remove network \(network.name)", .removeNetwork(name: network.name), .changed(changes), risk: .interrupts)
            draft.add("create network \(network.name)", .createNetwork(name: network.name, key: key), .changed(changes), after: [removal])
        } else if !there.drift.isEmpty {
            draft.add("repair network \(network.name)", .repairNetwork(name: network.name), .drift(there.drift))
        }
    }
    pruneNetworks(&draft)
}

/// Networks that the stack made and no longer declares go once nothing of it uses them.
private func pruneNetworks(_ draft: inout Draft) {
    let declared = Set(draft.desired.stack.networks.values.map(\.name))
    for network in draft.observed.networks.values.sorted(by: { $0.name < $1.name }) {
        guard let spec = network.spec, !declared.contains(network.name), !network.usedElsewhere else { continue }
        let isOrphanUse = draft.observed.containers.contains { container in
            draft.desired.stack.services[container.service] == nil && container.spec.networks[spec.key] != nil && !draft.desired.removeOrphans
        }
        if !isOrphanUse { draft.add("remove network \(network.name)", .removeNetwork(name: network.name), .notWanted) }
    }
}

private func blockUsers(of key: String, _ draft: inout Draft, _ text: String) {
    for service in draft.active where service.networks[key] != nil {
        draft.block(service.name, text, hint: "make it first, or declare it without `external`")
    }
}

extension Draft {
    /// Nothing of the service is there and nothing will be made.
    func isStoppedAway(_ service: Service) -> Bool { desired.removed.contains(service.name) && containers(service.name).isEmpty }
}
