extension FieldComparison where Spec == Service {
    mutating func compareProcess() {
        text("image", \.image)
        words("entrypoint", \.entrypoint)
        words("command", \.command)
        map("environment", \.environment, shown)
        text("container_name", \.containerName)
        text("hostname", \.hostname)
        text("domainname", \.domainname)
        text("user", \.user)
        list("group_add", \.groupAdd) { $0 }
        text("working_dir", \.workingDir)
        map("labels", \.labels, shown)
        map("annotations", \.annotations, shown)
        text("stop_signal", \.stopSignal)
        flag("init", \.initProcess)
        flag("tty", \.tty)
        flag("stdin_open", \.stdinOpen)
        value("healthcheck", \.healthcheck) { $0.map(healthText) }
        value("logging", \.logging) { logging in
            logging.map { ([$0.driver ?? "default"] + $0.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ") }
        }
    }

    mutating func compareIsolation() {
        flag("read_only", \.readOnly)
        flag("privileged", \.privileged)
        list("cap_add", \.capAdd) { $0 }
        list("cap_drop", \.capDrop) { $0 }
        list("security_opt", \.securityOpt) { $0 }
        map("sysctls", \.sysctls) { $0 }
        map("ulimits", \.ulimits) { "\($0.soft):\($0.hard)" }
        text("pid", \.pidMode)
        text("ipc", \.ipcMode)
        list("secrets", \.secrets, fileText)
        list("configs", \.configs, fileText)
    }

    mutating func compareResources() {
        size("shm_size", \.shmSize)
        number("oom_score_adj", \.oomScoreAdj)
        value("cpus", \.resources.cpus) { $0.map { "\($0)" } }
        number("cpu_shares", \.resources.cpuShares)
        number("cpu_quota", \.resources.cpuQuota)
        number("cpu_period", \.resources.cpuPeriod)
        text("cpuset", \.resources.cpuset)
        size("mem_limit", \.resources.memory)
        size("mem_reservation", \.resources.memoryReservation)
        size("memswap_limit", \.resources.memorySwap)
        number("mem_swappiness", \.resources.memorySwappiness)
        value("oom_kill_disable", \.resources.oomKillDisable) { $0.map(String.init) }
        number("pids_limit", \.resources.pids)
    }

    mutating func compareWiring() {
        list("ports", \.ports, portText)
        list("volumes", \.mounts, mountText)
        map("networks", \.networks, attachmentText)
        value("network_mode", \.networkMode) { mode in
            switch mode {
            case .networks: return nil
            case .host: return "host"
            case .none: return "none"
            case .service(let name): return "service:\(name)"
            }
        }
        list("extra_hosts", \.extraHosts) { "\($0.name)=\($0.address)" }
        list("dns", \.dns) { $0 }
        list("dns_search", \.dnsSearch) { $0 }
        list("dns_opt", \.dnsOptions) { $0 }
    }

    mutating func compareSteering() {
        value("scale", \.replicas, String.init)
        value("restart", \.restart) { policy in
            var parts = [policy.condition.rawValue]
            if let attempts = policy.maxAttempts { parts.append("at most \(attempts)") }
            if let delay = policy.delay { parts.append("delay \(delay.value)ms") }
            if let window = policy.window { parts.append("window \(window.value)ms") }
            return parts.joined(separator: " ")
        }
        map("depends_on", \.dependsOn) { dependency in
            dependency.condition.rawValue + (dependency.restart ? " restart" : "") + (dependency.required ? "" : " optional")
        }
        value("stop_grace_period", \.stopGracePeriod) { "\($0.value)ms" }
        text("pull_policy", \.pullPolicy)
        list("profiles", \.profiles) { $0 }
        list("expose", \.expose) { $0 }
        value("deploy.update_config", \.updateConfig) { $0.map(updateText) }
        value("deploy.rollback_config", \.rollbackConfig) { $0.map(updateText) }
        value("extensions", \.extensions) { $0.isEmpty ? nil : $0.keys.sorted().joined(separator: ", ") }
    }
}

private func healthText(_ health: Healthcheck) -> String {
    var parts: [String]
    switch health.test {
    case .command(let words): parts = ["[\(words.map(masked).joined(separator: " "))]"]
    case .shell(let text): parts = ["\"\(masked(text))\""]
    case .none: parts = ["off"]
    case .inherited: parts = ["the image's"]
    }
    let spans: [(String, Milliseconds?)] = [
        ("interval", health.interval), ("timeout", health.timeout), ("start_period", health.startPeriod),
        ("start_interval", health.startInterval),
    ]
    for (name, span) in spans { if let span { parts.append("\(name) \(span.value)ms") } }
    if let retries = health.retries { parts.append("retries \(retries)") }
    return parts.joined(separator: " ")
}

private func fileText(_ use: FileReference) -> String {
    var text = "\(use.source):\(use.target)"
    if let uid = use.uid { text += " uid \(uid)" }
    if let gid = use.gid { text += " gid \(gid)" }
    if let mode = use.mode { text += " mode 0\(String(mode, radix: 8))" }
    return text
}

private func portText(_ port: PortMapping) -> String {
    var text = port.hostIP.map { $0.contains(":") ? "[\($0)]:" : "\($0):" } ?? ""
    if let first = port.published {
        text += port.publishedEnd.map { "\(first)-\($0):" } ?? "\(first):"
    } else if !text.isEmpty {
        text += ":"
    }
    return text + String(port.target) + (port.proto == .tcp ? "" : "/\(port.proto.rawValue)")
}

private func mountText(_ mount: ServiceMount) -> String {
    let suffix = mount.readOnly ? ":ro" : ""
    switch mount.source {
    case .bind(let path, _, let propagation):
        return "\(path):\(mount.target)\(suffix)" + (propagation.map { " \($0)" } ?? "")
    case .volume(let name, let noCopy, let subpath):
        return "\(name.map { "\($0):" } ?? "")\(mount.target)\(suffix)" + (noCopy ? " nocopy" : "") + (subpath.map { " subpath \($0)" } ?? "")
    case .tmpfs(let size, let mode):
        return "tmpfs:\(mount.target)\(suffix)" + (size.map { " \(sizeText($0))" } ?? "") + (mode.map { " 0\(String($0, radix: 8))" } ?? "")
    }
}

private func attachmentText(_ attachment: NetworkAttachment) -> String {
    var parts: [String] = ["attached"]
    if !attachment.aliases.isEmpty { parts.append("as \(attachment.aliases.joined(separator: ", "))") }
    let named: [(String, String?)] = [
        ("", attachment.ipv4Address), ("", attachment.ipv6Address), ("mac ", attachment.macAddress), ("interface ", attachment.interfaceName),
    ]
    for (name, text) in named { if let text { parts.append(name + text) } }
    parts += attachment.linkLocalIPs
    if attachment.gatewayPriority != 0 { parts.append("gw_priority \(attachment.gatewayPriority)") }
    if attachment.priority != 0 { parts.append("priority \(attachment.priority)") }
    return parts.joined(separator: " ")
}

private func updateText(_ config: UpdateConfig) -> String {
    "\(config.parallelism) at once, delay \(config.delay.value)ms, \(config.order.rawValue), \(config.failureAction.rawValue)"
        + ", monitor \(config.monitor.value)ms, max_failure_ratio \(config.maxFailureRatio)"
}
