import StackModel

/// What a stack asks for and this engine does not have: said before anything is changed. Pure.
enum Refusal {
    static func all(_ stack: Stack, _ services: Set<String>) -> [Failure] {
        let chosen = stack.services.values.filter { services.contains($0.name) }.sorted { $0.name < $1.name }
        let networks = Set(chosen.flatMap { $0.networks.keys }).sorted().compactMap { stack.networks[$0] }
        let volumes = Set(chosen.flatMap { $0.mounts.compactMap(\.namedVolume) }).sorted().compactMap { stack.volumes[$0] }
        return networks.compactMap(network) + volumes.compactMap(volume)
    }

    private static func network(_ network: Network) -> Failure? {
        guard !network.external, !["bridge", "default", ""].contains(network.driver) else { return nil }
        return Failure(
            code: .unsupported, what: "network \"\(network.key)\": driver \"\(network.driver)\"", cause: "only bridges are served yet",
            hint: "remove `driver`, or use `network_mode: host` for services that need the host's network")
    }

    private static func volume(_ volume: Volume) -> Failure? {
        guard !volume.external, volume.driver != "local" else { return nil }
        return Failure(
            code: .unsupported, what: "volume \"\(volume.key)\": driver \"\(volume.driver)\"", cause: "only the local driver is served",
            hint: "mount the storage on the host and use a bind mount of its folder")
    }
}

extension ServiceMount {
    fileprivate var namedVolume: String? {
        if case .volume(let name?, _, _) = source { return name }
        return nil
    }
}
