extension Tables {
    static let deploy = Table(
        "deploy",
        [
            Attribute("mode", .choice(["replicated", "global", "replicated-job", "global-job"]), "global is one container on one host"),
            Attribute("replicas", .integer(0...1_000_000), "number of containers"),
            Attribute("resources", .object(deployResources), "limits"),
            Attribute("restart_policy", .object(restartPolicy), "when a container is started again"),
            Attribute("update_config", .object(update("update_config")), "how a change is rolled out", .later),
            Attribute("rollback_config", .object(update("rollback_config")), "how a change is taken back", .later),
            Attribute("endpoint_mode", .text, "vip or dnsrr", .later),
            Attribute("labels", .pairs, "labels of the service", .later),
            Attribute("placement", .object(placement), "where replicas run", .inert("there is one host")),
        ])

    private static let deployResources = Table(
        "resources",
        [
            Attribute("limits", .object(limits), "what a replica may use"),
            Attribute("reservations", .object(reservations), "what is kept for a replica"),
        ])

    private static let limits = Table(
        "limits",
        [
            Attribute("cpus", .number, "processors, in fractions"),
            Attribute("memory", .size(unlimited: false), "memory"),
            Attribute("pids", .integer(-1...Int.max), "processes and threads"),
        ])

    private static let reservations = Table(
        "reservations",
        [
            Attribute("cpus", .number, "processors", .inert("processors cannot be kept free on one host; use cpu_shares")),
            Attribute("memory", .size(unlimited: false), "memory"),
            Attribute("generic_resources", .list(.anything), "resources of other kinds", .inert("there is one host")),
            Attribute("devices", .list(.object(deviceRequest)), "devices", .later),
        ])

    static let deviceRequest = Table(
        "device request",
        [
            Attribute("capabilities", .texts, "what it must be able to do"),
            Attribute("driver", .text, "driver"),
            Attribute("count", .loose(orNull: false), "how many, or all"),
            Attribute("device_ids", .texts, "which ones"),
            Attribute("options", .pairs, "options of the driver"),
        ])

    private static let restartPolicy = Table(
        "restart_policy",
        [
            Attribute("condition", .text, "none, on-failure or any"),
            Attribute("delay", .duration, "time before each restart"),
            Attribute("max_attempts", .integer(0...Int.max), "restarts before it is given up"),
            Attribute("window", .duration, "time after which a start counts as a success"),
        ])

    private static func update(_ name: String) -> Table {
        Table(
            name,
            [
                Attribute("parallelism", .integer(0...1_000_000), "replicas at once; 0 is all"),
                Attribute("delay", .duration, "time between batches"),
                Attribute("failure_action", .choice(["continue", "rollback", "pause"]), "what follows a failure"),
                Attribute("monitor", .duration, "time a new replica is watched"),
                Attribute("max_failure_ratio", .number, "failures that are tolerated"),
                Attribute("order", .choice(["start-first", "stop-first"]), "what goes first"),
            ])
    }

    private static let placement = Table(
        "placement",
        [
            Attribute("constraints", .texts, "nodes it may run on"),
            Attribute("preferences", .list(.anything), "how it is spread"),
            Attribute("max_replicas_per_node", .integer(nil), "replicas on one node"),
        ])

    static let build = Table(
        "build",
        [
            Attribute("context", .text, "folder or repository"),
            Attribute("dockerfile", .text, "the build file"),
            Attribute("dockerfile_inline", .text, "the build file itself"),
            Attribute("args", .pairs, "arguments"),
            Attribute("ssh", .pairs, "keys"),
            Attribute("labels", .pairs, "labels"),
            Attribute("cache_from", .texts, "where layers are looked for"),
            Attribute("cache_to", .texts, "where layers are kept"),
            Attribute("no_cache", .boolean, "build all anew"),
            Attribute("no_cache_filter", .textOrTexts, "stages to build anew"),
            Attribute("additional_contexts", .pairs, "further contexts"),
            Attribute("network", .text, "network while building"),
            Attribute("pull", .boolean, "fetch base images"),
            Attribute("target", .text, "stage to stop at"),
            Attribute("shm_size", .size(unlimited: false), "size of /dev/shm"),
            Attribute("extra_hosts", .either([.map(.textOrTexts), .texts]), "further host names"),
            Attribute("isolation", .text, "isolation technology"),
            Attribute("privileged", .boolean, "all capabilities"),
            Attribute("secrets", fileUses, "secrets"),
            Attribute("tags", .texts, "names of the image"),
            Attribute("ulimits", .map(.either([.integer(nil), .object(ulimit)])), "limits"),
            Attribute("platforms", .texts, "platforms"),
            Attribute("entitlements", .texts, "powers"),
            Attribute("provenance", .loose(orNull: false), "provenance attestation"),
            Attribute("sbom", .loose(orNull: false), "bill of materials"),
        ])

    static let blkio = Table(
        "blkio_config",
        [
            Attribute("weight", .integer(0...1000), "weight against others"),
            Attribute("weight_device", .list(.object(deviceValue("weight", .integer(0...1000)))), "weight for each device"),
        ]
            + ["device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops"].map {
                Attribute($0, .list(.object(deviceValue("rate", .size(unlimited: false)))), "limit for each device")
            })

    private static func deviceValue(_ name: String, _ shape: Shape) -> Table {
        Table("device limit", isOpen: false, [Attribute("path", .text, "the device"), Attribute(name, shape, "its value")])
    }

    static let develop = Table("develop", [Attribute("watch", .list(.object(watch)), "what to watch")])

    private static let watch = Table(
        "watch", required: ["path", "action"],
        [
            Attribute("path", .text, "folder"),
            Attribute("action", .choice(["rebuild", "restart", "sync", "sync+restart", "sync+exec"]), "what a change does"),
            Attribute("target", .text, "folder in the container"),
            Attribute("ignore", .textOrTexts, "what is left out"),
            Attribute("include", .textOrTexts, "what is looked at"),
            Attribute("initial_sync", .boolean, "copy once at the start"),
            Attribute("exec", .object(hook), "command after a sync"),
        ])
}
