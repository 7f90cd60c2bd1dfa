import StackModel
import YAML

extension ServiceDecoder {
    func decodeResources(_ service: inout Service) {
        let limits = fields.fields("deploy")?.fields("resources")?.fields("limits")
        let kept = fields.fields("deploy")?.fields("resources")?.fields("reservations")
        var resources = ServiceResources()
        resources.cpus = agree("cpus", fields.double("cpus"), limits?.double("cpus"), "deploy.resources.limits.cpus")
        resources.memory = agree("mem_limit", fields.size("mem_limit"), limits?.size("memory"), "deploy.resources.limits.memory")
        resources.memoryReservation = agree(
            "mem_reservation", fields.size("mem_reservation"), kept?.size("memory"), "deploy.resources.reservations.memory")
        resources.pids = agree("pids_limit", fields.int("pids_limit"), limits?.int("pids"), "deploy.resources.limits.pids")
        resources.cpuShares = fields.int("cpu_shares")
        resources.cpuQuota = microseconds("cpu_quota")
        resources.cpuPeriod = microseconds("cpu_period")
        resources.cpuset = fields.text("cpuset")
        resources.memorySwap = fields.int("memswap_limit") == -1 ? -1 : fields.size("memswap_limit")
        resources.memorySwappiness = fields.int("mem_swappiness")
        resources.oomKillDisable = fields.bool("oom_kill_disable")
        service.oomScoreAdj = fields.int("oom_score_adj")
        service.shmSize = fields.size("shm_size")
        // Zero is how the field says "no limit".
        if resources.cpus == 0 { resources.cpus = nil }
        if resources.memory == 0 { resources.memory = nil }
        if resources.memorySwap == 0 { resources.memorySwap = nil }
        if let pids = resources.pids, pids <= 0 { resources.pids = nil }
        service.resources = resources
        checkMemory(resources)
        decodeUlimits(&service)
    }

    private func checkMemory(_ resources: ServiceResources) {
        guard let memory = resources.memory else { return }
        if let kept = resources.memoryReservation, kept > memory {
            report.error("the memory kept for \"\(name)\" is more than its limit", at: fields.place(of: "mem_reservation"))
        }
        if let swap = resources.memorySwap, swap != -1, swap < memory {
            report.error(
                "\"memswap_limit\" counts memory and swap together and is less than the memory limit", at: fields.valuePlace(of: "memswap_limit"),
                hint: "make it equal for no swap at all")
        }
    }

    private func microseconds(_ key: String) -> Int? {
        if let int = fields.int(key) { return int }
        return fields.duration(key).map { $0.value * 1000 }
    }

    /// One value that two attributes can give; both must say the same.
    private func agree<T: Equatable>(_ key: String, _ one: T?, _ other: T?, _ path: String) -> T? {
        if let one, let other, one != other {
            report.error("\"\(key)\" and \"\(path)\" say different things", at: fields.valuePlace(of: key), hint: "keep one of them")
        }
        return other ?? one
    }

    private func decodeUlimits(_ service: inout Service) {
        for entry in fields["ulimits"]?.mapping?.entries ?? [] {
            if let scalar = entry.value.scalar {
                guard let both = Scalars.int(scalar) else { continue }
                service.ulimits[entry.key] = Ulimit(soft: both, hard: both)
            } else if let pair = Fields(entry.value), let soft = pair.int("soft"), let hard = pair.int("hard") {
                if hard != -1, soft == -1 || soft > hard {
                    report.error("the soft limit of \"\(entry.key)\" is above the hard one", at: pair.valuePlace(of: "soft"))
                }
                service.ulimits[entry.key] = Ulimit(soft: soft, hard: hard)
            }
        }
    }

    func decodeDeploy(_ service: inout Service) {
        let deploy = fields.fields("deploy")
        let scale = fields.int("scale")
        let replicas = deploy?.int("replicas")
        if let scale, let replicas, scale != replicas {
            report.error(
                "\"scale\" and \"deploy.replicas\" say different things", at: fields.valuePlace(of: "scale"), hint: "keep one of them")
        }
        service.replicas = replicas ?? scale ?? 1
        if let mode = deploy?.text("mode"), mode != "replicated", let deploy {
            let place = deploy.valuePlace(of: "mode")
            if mode == "global" {
                service.replicas = 1
                if replicas != nil { report.error("\"mode: global\" has no \"replicas\"", at: place, hint: "remove one of the two") }
            } else {
                report.warning("\"mode: \(mode)\" is not served yet and has no effect", at: place)
            }
        }
        service.updateConfig = deploy.flatMap { update($0.fields("update_config")) }
        service.rollbackConfig = deploy.flatMap { update($0.fields("rollback_config")) }
        if service.containerName != nil, service.replicas > 1 {
            report.error(
                "\"container_name\" gives one name and the service has \(service.replicas) replicas",
                at: fields.place(of: "container_name"), hint: "remove it, or keep one replica")
        }
    }

    private func update(_ fields: Fields?) -> UpdateConfig? {
        guard let fields else { return nil }
        var config = UpdateConfig()
        config.parallelism = fields.int("parallelism") ?? config.parallelism
        config.delay = fields.duration("delay") ?? config.delay
        config.order = fields.text("order").flatMap(UpdateConfig.Order.init(rawValue:)) ?? config.order
        config.failureAction = fields.text("failure_action").flatMap(UpdateConfig.FailureAction.init(rawValue:)) ?? config.failureAction
        config.monitor = fields.duration("monitor") ?? config.monitor
        config.maxFailureRatio = fields.double("max_failure_ratio") ?? config.maxFailureRatio
        if config.maxFailureRatio > 1 {
            report.error("\"max_failure_ratio\" goes from 0 to 1", at: fields.valuePlace(of: "max_failure_ratio"))
        }
        return config
    }

    /// Uses of secrets or configs; the short form shows them where the specification says.
    func uses(_ key: String) -> [FileReference] {
        let folder = key == "secrets" ? "/run/secrets/" : "/"
        var uses: [FileReference] = []
        for item in Merging.keepLast(fields.items(key), key: ItemKey.file) {
            if let source = item.scalar?.text {
                uses.append(FileReference(source: source, target: folder + source))
                continue
            }
            guard let use = Fields(item) else { continue }
            guard let source = use.text("source") else {
                report.error("an item of \"\(key)\" needs \"source\"", at: item.place)
                continue
            }
            var target = use.text("target") ?? source
            if !target.hasPrefix("/") { target = folder + target }
            uses.append(
                FileReference(
                    source: source, target: target, uid: number(use, "uid"), gid: number(use, "gid"), mode: use.int("mode")))
        }
        return uses
    }

    private func number(_ use: Fields, _ key: String) -> Int? {
        guard let text = use.loose(key) else { return nil }
        guard let int = Int(text), int >= 0 else {
            report.error("\"\(key)\" must be a number, not \"\(text)\"", at: use.valuePlace(of: key), hint: "the host cannot know names of the image")
            return nil
        }
        return int
    }
}
