extension Tables {
    static let service = Table("service", core + process + resources + wiring + rare)

    private static let core = [
        Attribute("image", .text, "image to run"),
        Attribute("build", .either([.text, .object(build)]), "how the image is built", .later),
        Attribute("pull_policy", .text, "when the image is fetched"),
        Attribute("pull_refresh_after", .text, "age after which the image is fetched again", .later),
        Attribute("platform", .text, "platform of the image", .later),
        Attribute("container_name", .text, "name of the one container"),
        Attribute("command", command, "arguments instead of the image's"),
        Attribute("entrypoint", command, "program instead of the image's"),
        Attribute("environment", .pairs, "variables of the process"),
        Attribute("env_file", envFile, "files with variables of the process"),
        Attribute("depends_on", dependsOn, "services that go first"),
        Attribute("healthcheck", .object(healthcheck), "how health is probed"),
        Attribute("restart", .text, "when a container is started again: no, always, unless-stopped, on-failure[:max]"),
        Attribute("scale", .integer(0...1_000_000), "number of containers"),
        Attribute("deploy", .optional(.object(deploy)), "replicas, limits and updates"),
        Attribute("profiles", .texts, "profiles that switch the service on"),
        Attribute("extends", .either([.text, .object(extends)]), "service whose definition this one starts from"),
        Attribute("labels", .pairs, "labels of the containers"),
        Attribute("label_file", .textOrTexts, "files with labels"),
        Attribute("annotations", .pairs, "annotations of the containers"),
        Attribute("logging", .object(logging), "where output goes and how much is kept"),
        Attribute("attach", .boolean, "whether `up` shows its output", .later),
    ]

    private static let process = [
        Attribute("user", .text, "user and group of the process"),
        Attribute("group_add", .list(.loose(orNull: false)), "further groups"),
        Attribute("working_dir", .text, "folder the process starts in"),
        Attribute("hostname", .text, "host name"),
        Attribute("domainname", .text, "domain name"),
        Attribute("tty", .boolean, "a terminal", .later),
        Attribute("stdin_open", .boolean, "standard input stays open", .later),
        Attribute("init", .boolean, "a small first process that reaps children"),
        Attribute("stop_signal", .text, "signal that asks the process to end"),
        Attribute("stop_grace_period", .duration, "time until it is killed"),
        Attribute("read_only", .boolean, "a root file system that cannot be written"),
        Attribute("privileged", .boolean, "all capabilities and devices"),
        Attribute("cap_add", .texts, "capabilities to add"),
        Attribute("cap_drop", .texts, "capabilities to drop"),
        Attribute("security_opt", .texts, "no-new-privileges, seccomp and others"),
        Attribute("sysctls", .pairs, "kernel settings of the container"),
        Attribute("ulimits", .map(.either([.integer(nil), .object(ulimit)])), "limits of the process"),
        Attribute("secrets", fileUses, "secrets to show as files"),
        Attribute("configs", fileUses, "configs to show as files"),
    ]

    private static let resources = [
        Attribute("cpus", .number, "processors, in fractions"),
        Attribute("cpu_shares", .integer(0...262_144), "weight against others"),
        Attribute("cpu_quota", .either([.integer(nil), .duration]), "microseconds of each period"),
        Attribute("cpu_period", .either([.integer(nil), .duration]), "length of a period in microseconds"),
        Attribute("cpuset", .text, "processors it may use"),
        Attribute("mem_limit", .size(unlimited: false), "memory"),
        Attribute("mem_reservation", .size(unlimited: false), "memory that is kept for it"),
        Attribute("memswap_limit", .size(unlimited: true), "memory and swap together; -1 is unlimited"),
        Attribute("mem_swappiness", .integer(0...100), "inclination to swap"),
        Attribute("oom_kill_disable", .boolean, "no killing when memory runs out"),
        Attribute("oom_score_adj", .integer(-1000...1000), "inclination to be killed when memory runs out"),
        Attribute("pids_limit", .integer(-1...Int.max), "processes and threads; -1 is unlimited"),
        Attribute("shm_size", .size(unlimited: false), "size of /dev/shm"),
        Attribute("tmpfs", .textOrTexts, "folders in memory"),
        Attribute("blkio_config", .object(blkio), "limits of disk access", .later),
        Attribute("storage_opt", .map(.anything), "options of the root file system", .later),
        Attribute("devices", .list(.either([.text, .object(device)])), "devices of the host", .later),
        Attribute("device_cgroup_rules", .texts, "rules for devices", .later),
        Attribute("gpus", .either([.choice(["all"]), .list(.object(deviceRequest))]), "graphics processors", .later),
        Attribute("cgroup", .choice(["host", "private"]), "cgroup namespace", .later),
        Attribute("cgroup_parent", .text, "cgroup to run below", .later),
    ]

    private static let wiring = [
        Attribute("ports", .list(.either([.loose(orNull: false), .object(port)])), "ports of the host that lead to it"),
        Attribute("expose", .list(.loose(orNull: false)), "ports it listens on"),
        Attribute("volumes", .list(.either([.text, .object(mount)])), "storage and folders it sees"),
        Attribute("volumes_from", .texts, "services whose storage it sees"),
        Attribute(
            "networks", .either([.texts, .map(.optional(.object(attachment)))]), "networks it joins"),
        Attribute("network_mode", .text, "none, host or service:NAME instead of networks"),
        Attribute("mac_address", .text, "hardware address in the first network"),
        Attribute("extra_hosts", .either([.map(.textOrTexts), .texts]), "further host names"),
        Attribute("dns", .textOrTexts, "name servers"),
        Attribute("dns_search", .textOrTexts, "search domains"),
        Attribute("dns_opt", .texts, "options of the resolver"),
        Attribute("links", .texts, "services that go first, under further names"),
        Attribute("external_links", .texts, "containers of others under further names", .later),
        Attribute("pid", .optional(.text), "process namespace"),
        Attribute("ipc", .text, "ipc namespace"),
        Attribute("uts", .text, "host name namespace", .later),
        Attribute("userns_mode", .text, "user namespace", .later),
    ]

    private static let windows = "it is for Windows containers"

    private static let rare = [
        Attribute("post_start", .list(.object(hook)), "commands after the start", .later),
        Attribute("pre_stop", .list(.object(hook)), "commands before the stop", .later),
        Attribute("pre_start", .list(.object(preStart)), "commands before the start", .later),
        Attribute("provider", .object(provider), "an external program that makes the service", .later),
        Attribute("models", .either([.texts, .map(.optional(.object(modelUse)))]), "models it uses", .later),
        Attribute("develop", .optional(.object(develop)), "watching for changes while developing", .later),
        Attribute("use_api_socket", .boolean, "the engine's socket in the container", .later),
        Attribute("runtime", .text, "runtime to use", .later),
        Attribute("cpu_rt_period", .either([.integer(nil), .duration]), "real-time period", .inert("only cgroup v1 has it")),
        Attribute("cpu_rt_runtime", .either([.integer(nil), .duration]), "real-time share", .inert("only cgroup v1 has it")),
        Attribute("cpu_count", .integer(nil), "processors", .inert(windows)),
        Attribute("cpu_percent", .number, "share of processors", .inert(windows)),
        Attribute("isolation", .text, "isolation technology", .inert(windows)),
        Attribute("credential_spec", .object(credentialSpec), "credentials", .inert(windows)),
    ]

    private static let command = Shape.optional(.either([.text, .list(.loose(orNull: false))]))
    private static let envFile = Shape.either([.text, .list(.either([.text, .object(envFileEntry)]))])
    private static let dependsOn = Shape.either([.texts, .map(.object(dependency))])
    static let fileUses = Shape.list(.either([.text, .object(fileUse)]))
}
