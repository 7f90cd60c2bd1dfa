import StackModel

/// Compares what is wanted with what is there and says what to do.
///
/// A pure function: same input, same plan. Planning again after the plan has been carried out gives an empty plan.
public func plan(desired: Desired, observed: Observed, policy: Policy, now: Timestamp) -> Plan {
    var draft = Draft(desired: desired, observed: observed, policy: policy, now: now)
    switch desired.presence {
    case .down(let removeVolumes):
        takeDown(&draft, removeVolumes: removeVolumes)
    case .up:
        checkServices(&draft)
        planNetworks(&draft)
        planVolumes(&draft)
        planOrphans(&draft)
        for service in draft.active { planReplicas(of: service, &draft) }
        orderByDependencies(&draft)
        orderByResources(&draft)
    }
    return draft.plan
}
