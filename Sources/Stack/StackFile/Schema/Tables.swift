/// The attributes of the Compose Specification, and what Gantry does with each.
enum Tables {
    static let root = Table(
        "stack",
        [
            Attribute("version", .loose(orNull: true), "version of the old file format", .obsolete("it has no effect; remove it")),
            Attribute("name", .text, "name of the stack, unless the command line or COMPOSE_PROJECT_NAME gives another"),
            Attribute(
                "include", .list(.either([.text, .object(include)])), "other stack files, loaded with their own folder and variables"),
            Attribute("services", .map(.object(service)), "the programs to run"),
            Attribute("networks", .optional(.map(.optional(.object(network)))), "networks that services join"),
            Attribute("volumes", .optional(.map(.optional(.object(volume)))), "storage that outlives containers"),
            Attribute("secrets", .optional(.map(.object(secret))), "sensitive files"),
            Attribute("configs", .optional(.map(.object(config))), "configuration files"),
            Attribute("models", .map(.object(model)), "models that services use", .later),
        ])

    static let include = Table(
        "include", isOpen: false,
        [
            Attribute("path", .textOrTexts, "the file, or several that are merged"),
            Attribute("project_directory", .text, "folder that its relative paths start from"),
            Attribute("env_file", .textOrTexts, "files with variables for it"),
        ])

    static let network = Table(
        "network",
        [
            Attribute("name", .text, "full name, used as it is"),
            Attribute("driver", .text, "kind of network; bridge"),
            Attribute("driver_opts", .map(.loose(orNull: false)), "options of the driver"),
            Attribute("ipam", .object(ipam), "addresses"),
            Attribute("external", external, "made by someone else, never made or removed by the stack"),
            Attribute("internal", .boolean, "without a way out"),
            Attribute("enable_ipv4", .boolean, "whether containers get IPv4 addresses"),
            Attribute("enable_ipv6", .boolean, "whether containers get IPv6 addresses", .later),
            Attribute("attachable", .boolean, "whether others may join", .inert("every network of this host can be joined")),
            Attribute("labels", .pairs, "labels"),
        ])

    static let ipam = Table(
        "ipam",
        [
            Attribute("driver", .text, "address driver", .later),
            Attribute("config", .list(.object(subnet)), "address ranges"),
            Attribute("options", .map(.loose(orNull: false)), "options of the address driver", .later),
        ])

    static let subnet = Table(
        "subnet",
        [
            Attribute("subnet", .text, "network in CIDR form"),
            Attribute("gateway", .text, "address of the host in it"),
            Attribute("ip_range", .text, "part of it that addresses are taken from"),
            Attribute("aux_addresses", .map(.text), "addresses that are never given out"),
        ])

    static let volume = Table(
        "volume",
        [
            Attribute("name", .text, "full name, used as it is"),
            Attribute("driver", .text, "kind of volume; local"),
            Attribute("driver_opts", .map(.loose(orNull: false)), "options of the driver"),
            Attribute("external", external, "made by someone else, never made or removed by the stack"),
            Attribute("labels", .pairs, "labels"),
        ])

    static let secret = Table("secret", fileAttributes + [driver, driverOptions, templateDriver])

    static let config = Table(
        "config", fileAttributes + [Attribute("content", .text, "the content itself"), templateDriver])

    private static let external = Shape.either([
        .boolean,
        .object(Table("external", isOpen: false, [Attribute("name", .text, "full name")])),
    ])

    private static let fileAttributes = [
        Attribute("name", .text, "full name in the store"),
        Attribute("file", .text, "file with the content"),
        Attribute("environment", .text, "variable with the content"),
        Attribute("external", external, "kept by someone else"),
        Attribute("labels", .pairs, "labels", .later),
    ]
    private static let driver = Attribute("driver", .text, "store", .later)
    private static let driverOptions = Attribute("driver_opts", .map(.loose(orNull: false)), "options of the store", .later)
    private static let templateDriver = Attribute("template_driver", .text, "template language of the content", .later)

    static let model = Table(
        "model", required: ["model"],
        [
            Attribute("name", .text, "name"),
            Attribute("model", .text, "model to use"),
            Attribute("context_size", .integer(nil), "tokens of context"),
            Attribute("runtime_flags", .texts, "flags for the runner"),
        ])
}
