import StackModel

/// Compares what is wanted with what is there and says what to do.
///
/// A pure function: same input, same plan. Planning again after the plan has been carried out gives an empty plan.
public func plan(desired: Desired, observed: Observed, policy: Policy, now: Timestamp) -> Plan {
    Plan()
}
