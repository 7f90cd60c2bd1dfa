import StackModel

/// How each verb of the command line changes what a stack is meant to be. Pure: the loop does the rest.
enum Wish {
    /// The services that `names` and what they depend on make up; all of the stack's when `names` is empty.
    static func closure(_ names: [String], in stack: Stack, withDependencies: Bool) throws(Failure) -> Set<String> {
        if names.isEmpty { return Set(stack.services.keys) }
        var found = Set<String>()
        var open = names
        while let name = open.popLast() {
            guard let service = stack.services[name] else { throw unknown(name, in: stack) }
            guard found.insert(name).inserted, withDependencies else { continue }
            open += service.dependsOn.keys.filter { stack.services[$0] != nil }
            if case .service(let other) = service.networkMode { open.append(other) }
        }
        return found
    }

    static func unknown(_ name: String, in stack: Stack) -> Failure {
        let known = stack.services.keys.sorted().joined(separator: ", ")
        return Failure(
            code: .notFound, what: "no such service: \(name)", cause: nil,
            hint: known.isEmpty ? "stack \"\(stack.name)\" has no services" : "stack \"\(stack.name)\" has: \(known)")
    }

    static func up(_ request: UpRequest, from old: Desired?, images: [String: String]) throws(Failure) -> Desired {
        let chosen = try closure(request.services, in: request.stack, withDependencies: !request.noDeps)
        var desired = Desired(stack: request.stack, services: chosen)
        if let old, old.presence == .up {
            // Services of an earlier `up` stay wanted; those it left alone are still left alone.
            desired.services.formUnion(old.services.filter { request.stack.services[$0] != nil })
            desired.stopped = old.stopped.subtracting(chosen)
            desired.removed = old.removed.subtracting(chosen)
        }
        if let old {
            desired.recreateGeneration = old.recreateGeneration
            desired.restartGeneration = old.restartGeneration
        }
        if request.forceRecreate {
            let forced = request.services.isEmpty ? chosen : chosen.intersection(request.services)
            for name in forced { desired.recreateGeneration[name, default: 0] += 1 }
        }
        if request.noStart { desired.stopped.formUnion(chosen) }
        desired.keepExisting = request.noRecreate
        desired.removeOrphans = request.removeOrphans
        desired.stopTimeout = request.stopTimeout
        desired.images = images
        return desired
    }

    static func down(_ request: DownRequest, from old: Desired) throws(Failure) -> Desired {
        var desired = old
        desired.stopTimeout = request.stopTimeout
        desired.removeOrphans = request.removeOrphans
        if request.services.isEmpty {
            desired.presence = .down(removeVolumes: request.removeVolumes)
        } else {
            let named = try closure(request.services, in: old.stack, withDependencies: false)
            desired.stopped.formUnion(named)
            desired.removed.formUnion(named)
        }
        return desired
    }

    /// `start stop restart rm scale`; the other verbs act on containers, not on what is wanted.
    static func services(_ request: ServicesRequest, from old: Desired) throws(Failure) -> Desired {
        var desired = old
        let named = try closure(request.services, in: old.stack, withDependencies: false)
        desired.stopTimeout = request.stopTimeout
        switch request.verb {
        case .start:
            desired.stopped.subtract(named)
        case .stop:
            desired.stopped.formUnion(named)
        case .restart:
            desired.stopped.subtract(named)
            for name in named { desired.restartGeneration[name, default: 0] += 1 }
        case .remove:
            if request.stopFirst { desired.stopped.formUnion(named) }
            desired.removed.formUnion(named)
        case .scale:
            for (name, count) in request.scale {
                guard desired.stack.services[name] != nil else { throw unknown(name, in: desired.stack) }
                desired.stack.services[name]?.replicas = count
                desired.services.insert(name)
                desired.stopped.remove(name)
                desired.removed.remove(name)
            }
        case .kill, .pause, .unpause:
            break
        }
        return desired
    }
}
