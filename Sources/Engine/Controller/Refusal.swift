import StackModel

/// What a stack asks for and this engine does not have: said before anything is changed. Pure.
enum Refusal {
    static func all(_ stack: Stack, _ services: Set<String>) -> [Failure] {
        let chosen = stack.services.values.filter { services.contains($0.name) }.sorted { $0.name < $1.name }
        let networks = Set(chosen.flatMap { $0.networks.keys }).sorted().compactMap { stack.networks[$0] }
        let volumes = Set(chosen.flatMap { $0.mounts.compactMap(\.namedVolume) }).sorted().compactMap { stack.volumes[$0] }
        return networks.compactMap(network) + volumes.compactMap(volume)
    }

    /// Names become names of files: letters, digits, `_`, `.` and `-`, and no dot first.
    private static func badName(_ kind: String, _ key: String, _ name: String) -> Failure? {
        let isGood = name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0) }
        if isGood, let first = name.utf8.first, first != 46, first != 45, name.utf8.count <= 200 { return nil }
        return Failure(
            code: .invalid, what: "\(kind) \"\(key)\": name \"\(name)\"", cause: "it cannot be a name", hint: "letters, digits, _ . and -, and a letter or digit first")
    }

    private static func network(_ network: Network) -> Failure? {
        if let failure = badName("network", network.key, network.name) { return failure }
        guard !network.external, !["bridge", "default", ""].contains(network.driver) else { return nil }
        return Failure(
            code: .unsupported, what: "network \"\(network.key)\": driver \"\(network.driver)\"", cause: "only bridges are served yet",
            hint: "remove `driver`, or use `network_mode: host` for services that need the host's network")
    }

    private static func volume(_ volume: Volume) -> Failure? {
        if let failure = badName("volume", volume.key, volume.name) { return failure }
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
