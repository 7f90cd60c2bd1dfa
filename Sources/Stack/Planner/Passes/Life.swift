import StackModel

/// A container that stays: what its state asks for. Restart policy is planning, not a process of its own.
func keep(_ container: ObservedContainer, _ service: Service, _ draft: inout Draft) {
    updateRecord(container, service, &draft)
    if !container.drift.isEmpty {
        draft.add("repair \(container.name)", .repairContainer(id: container.id, name: container.name), .drift(container.drift))
    }
    if draft.isStopped(service.name) {
        _ = stop(container, .stopRequested, &draft)
        return
    }
    switch container.state {
    case .created: keepCreated(container, service, &draft)
    case .exited(let exit): keepExited(container, service, exit, &draft)
    case .running(let since): keepRunning(container, service, since, &draft)
    case .paused, .broken: break
    }
}

/// Fields that need no new container are written down, so that the next comparison is with them.
private func updateRecord(_ container: ObservedContainer, _ service: Service, _ draft: inout Draft) {
    guard container.spec != service, !draft.desired.keepExisting else { return }
    let changes = Difference.steering(from: container.spec, to: service)
    draft.add("update \(container.name)", .updateRecord(id: container.id, name: container.name, service: service.name), .changed(changes))
}

private func keepCreated(_ container: ObservedContainer, _ service: Service, _ draft: inout Draft) {
    guard let failure = container.restarts.startFailure else {
        start(container, service, .missing, &draft)
        return
    }
    let attempts = container.restarts.attempts
    guard service.restart.condition != .no, attempts < service.restart.maxAttempts ?? .max else {
        draft.note(.error, "container \(container.name)", "it could not be started: \(failure)", hint: "mend the cause, then run `gantry up -d` again")
        return
    }
    let due = (container.restarts.lastFailure ?? container.createdAt) + backoff(attempts, service, draft.policy)
    restart(container, service, .startFailed(failure, attempt: attempts + 1), at: due, &draft)
}

private func keepExited(_ container: ObservedContainer, _ service: Service, _ exit: ObservedContainer.Exit, _ draft: inout Draft) {
    if container.restartGeneration < draft.desired.restartGeneration[service.name] ?? 0 {
        start(container, service, .restartRequested, &draft)
        return
    }
    guard !container.stoppedByUser, wantsRestart(service.restart, exit) else { return }
    let attempts = ranLong(container, until: exit.at, service, draft.policy) ? 0 : container.restarts.attempts
    if attempts >= service.restart.maxAttempts ?? .max {
        draft.note(
            .warning, "container \(container.name)", "it exited (\(exit.code)) and was restarted \(attempts) times: it stays down",
            hint: "see `gantry logs \(service.name)`")
        return
    }
    let due = exit.at + backoff(attempts, service, draft.policy)
    let reason = Reason.exited(code: exit.code, signal: exit.signal, oomKilled: exit.oomKilled, attempt: attempts + 1)
    restart(container, service, reason, at: due, &draft)
}

private func wantsRestart(_ policy: RestartPolicy, _ exit: ObservedContainer.Exit) -> Bool {
    switch policy.condition {
    case .no: false
    case .onFailure: exit.code != 0
    case .always, .unlessStopped: true
    }
}

private func keepRunning(_ container: ObservedContainer, _ service: Service, _ since: Timestamp, _ draft: inout Draft) {
    if container.restartGeneration < draft.desired.restartGeneration[service.name] ?? 0 {
        bounce(container, service, .restartRequested, &draft)
    } else if container.health == .unhealthy, draft.policy.restartUnhealthy, service.restart.condition != .no {
        let attempts = ranLong(container, until: draft.now, service, draft.policy) ? 0 : container.restarts.attempts
        if attempts >= service.restart.maxAttempts ?? .max {
            draft.note(.warning, "container \(container.name)", "it is unhealthy and was restarted \(attempts) times: it stays as it is")
        } else {
            bounce(container, service, .unhealthy(container.healthOutput), &draft)
        }
    }
}

// MARK: steps

/// Stops and starts a container that runs.
private func bounce(_ container: ObservedContainer, _ service: Service, _ reason: Reason, _ draft: inout Draft) {
    if reason == .restartRequested { draft.renewed.insert(service.name) }
    let stopped = stop(container, reason, &draft)
    start(container, service, reason, &draft, after: stopped.map { [$0] } ?? [])
}

/// Restarts what runs of a service because one that it depends on was renewed (`depends_on: … restart: true`).
func restartWithDependency(_ service: Service, _ dependency: String, _ draft: inout Draft) {
    for container in draft.containers(service.name) {
        guard case .running = container.state, !draft.has(StepID("start \(container.name)")), !draft.isStopped(service.name) else { continue }
        bounce(container, service, .dependencyRestarted(dependency), &draft)
        draft.renewed.insert(service.name)
    }
}

private func restart(_ container: ObservedContainer, _ service: Service, _ reason: Reason, at due: Timestamp, _ draft: inout Draft) {
    if due > draft.now {
        draft.wake(at: due)
        draft.note(.waiting, "container \(container.name)", "\(reason.sentence); it is started again in \(seconds(due - draft.now))")
    } else {
        start(container, service, reason, &draft)
    }
}

private func start(_ container: ObservedContainer, _ service: Service, _ reason: Reason, _ draft: inout Draft, after: [StepID] = []) {
    draft.add("start \(container.name)", .startContainer(id: container.id, name: container.name, service: service.name), reason, after: after)
}

// MARK: backoff

/// The first restart is at once; then the waits double up to the cap. A delay of the service's own is kept to exactly.
private func backoff(_ attempts: Int, _ service: Service, _ policy: Policy) -> Milliseconds {
    if let delay = service.restart.delay { return delay }
    if attempts == 0 { return 0 }
    let doubled = policy.backoffBase.value.multipliedReportingOverflow(by: 1 << min(attempts - 1, 20))
    return min(Milliseconds(doubled.overflow ? Int.max : doubled.partialValue), policy.backoffCap)
}

/// Whether it ran long enough for the attempts before to be forgotten.
private func ranLong(_ container: ObservedContainer, until end: Timestamp, _ service: Service, _ policy: Policy) -> Bool {
    guard let start = container.restarts.lastStart else { return false }
    return end - start >= service.restart.window ?? policy.stableAfter
}

func seconds(_ span: Milliseconds) -> String {
    let tenths = (span.value + 50) / 100
    return "\(tenths / 10).\(tenths % 10) s"
}
