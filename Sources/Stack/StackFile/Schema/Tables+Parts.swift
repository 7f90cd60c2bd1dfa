extension Tables {
    static let envFileEntry = Table(
        "env_file", required: ["path"],
        [
            Attribute("path", .text, "the file"),
            Attribute("required", .boolean, "whether it must exist"),
            Attribute("format", .choice(["raw"]), "raw: without variables and quotes"),
        ])

    static let dependency = Table(
        "depends_on", required: ["condition"],
        [
            Attribute(
                "condition", .choice(["service_started", "service_healthy", "service_completed_successfully"]), "what to wait for"),
            Attribute("restart", .boolean, "whether its restart restarts this service"),
            Attribute("required", .boolean, "whether it must be there"),
        ])

    static let healthcheck = Table(
        "healthcheck",
        [
            Attribute("test", .either([.text, .texts]), "the command; NONE switches the check off"),
            Attribute("interval", .duration, "time between probes"),
            Attribute("timeout", .duration, "time a probe may take"),
            Attribute("retries", .integer(0...1_000_000), "failures in a row that make it unhealthy"),
            Attribute("start_period", .duration, "time in which failures do not count"),
            Attribute("start_interval", .duration, "time between probes in the start period"),
            Attribute("disable", .boolean, "no check, not even the image's"),
        ])

    static let extends = Table(
        "extends", required: ["service"], isOpen: false,
        [Attribute("service", .text, "the service"), Attribute("file", .text, "file it stands in")])

    static let logging = Table(
        "logging",
        [
            Attribute("driver", .text, "where output goes"),
            Attribute("options", .map(.loose(orNull: true)), "options of the driver"),
        ])

    static let ulimit = Table(
        "ulimit", required: ["soft", "hard"],
        [Attribute("soft", .integer(nil), "the limit"), Attribute("hard", .integer(nil), "how far it may be raised")])

    static let fileUse = Table(
        "file",
        [
            Attribute("source", .text, "key of the secret or config"),
            Attribute("target", .text, "path in the container"),
            Attribute("uid", .loose(orNull: false), "owner"),
            Attribute("gid", .loose(orNull: false), "group"),
            Attribute("mode", .integer(nil), "permissions"),
        ])

    static let port = Table(
        "port", required: ["target"],
        [
            Attribute("target", .integer(1...65535), "port in the container"),
            Attribute("published", .loose(orNull: false), "port or range of the host"),
            Attribute("host_ip", .text, "address of the host"),
            Attribute("protocol", .text, "tcp or udp"),
            Attribute("app_protocol", .text, "what is spoken on it"),
            Attribute("mode", .choice(["host", "ingress"]), "as Swarm has it"),
            Attribute("name", .text, "a name for people"),
        ])

    static let mount = Table(
        "mount", required: ["type"],
        [
            Attribute("type", .choice(["bind", "volume", "tmpfs", "image", "npipe", "cluster"]), "kind of storage"),
            Attribute("source", .text, "path of the host, or key of the volume"),
            Attribute("target", .text, "path in the container"),
            Attribute("read_only", .boolean, "whether it cannot be written"),
            Attribute("consistency", .text, "consistency", .inert("it is for Docker Desktop")),
            Attribute("bind", .optional(.object(bind)), "options of a bind mount"),
            Attribute("volume", .optional(.object(volumeUse)), "options of a volume"),
            Attribute("tmpfs", .optional(.object(tmpfs)), "options of a folder in memory"),
            Attribute("image", .object(Table("image", [Attribute("subpath", .text, "folder of the image")])), "image as storage", .later),
        ])

    private static let bind = Table(
        "bind",
        [
            Attribute("create_host_path", .boolean, "make the folder if it is not there"),
            Attribute("propagation", .text, "how mounts below spread"),
            Attribute("recursive", .choice(["enabled", "disabled", "writable", "readonly"]), "mounts below", .later),
            Attribute("selinux", .choice(["z", "Z"]), "SELinux label", .later),
        ])

    private static let volumeUse = Table(
        "volume",
        [
            Attribute("nocopy", .boolean, "do not fill it from the image"),
            Attribute("subpath", .text, "folder of the volume"),
            Attribute("labels", .pairs, "labels", .later),
        ])

    private static let tmpfs = Table(
        "tmpfs", [Attribute("size", .size(unlimited: false), "size"), Attribute("mode", .integer(nil), "permissions")])

    static let attachment = Table(
        "attachment",
        [
            Attribute("aliases", .texts, "further names in this network"),
            Attribute("ipv4_address", .text, "fixed address"),
            Attribute("ipv6_address", .text, "fixed address", .later),
            Attribute("mac_address", .text, "hardware address"),
            Attribute("interface_name", .text, "name of the interface in the container"),
            Attribute("link_local_ips", .texts, "link-local addresses", .later),
            Attribute("gw_priority", .number, "the highest gives the default route"),
            Attribute("priority", .number, "order of joining, highest first"),
            Attribute("driver_opts", .map(.loose(orNull: false)), "options of the driver", .later),
        ])

    static let device = Table(
        "device", required: ["source"],
        [
            Attribute("source", .text, "device of the host"),
            Attribute("target", .text, "path in the container"),
            Attribute("permissions", .text, "r, w and m"),
        ])

    static let hook = Table("hook", required: ["command"], hookAttributes)
    static let preStart = Table(
        "hook",
        hookAttributes + [
            Attribute("image", .text, "image to run it in"),
            Attribute("per_replica", .boolean, "once for each replica"),
        ])

    private static let hookAttributes = [
        Attribute("command", .either([.text, .texts]), "the command"),
        Attribute("user", .text, "user"),
        Attribute("privileged", .boolean, "all capabilities"),
        Attribute("working_dir", .text, "folder"),
        Attribute("environment", .pairs, "variables"),
    ]

    static let provider = Table(
        "provider", required: ["type"], [Attribute("type", .text, "program"), Attribute("options", .map(.anything), "its options")])
    static let modelUse = Table(
        "model", [Attribute("endpoint_var", .text, "variable with the address"), Attribute("model_var", .text, "variable with the name")])
    static let credentialSpec = Table(
        "credential_spec",
        [Attribute("config", .text, "config"), Attribute("file", .text, "file"), Attribute("registry", .text, "registry key")])
}
