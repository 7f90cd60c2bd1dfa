import StackModel
import YAML

/// What services get from each other: names by `links`, storage by `volumes_from`.
extension StackDecoder {
    /// `links` with a name of its own: the other service gets it as an alias in the networks that both join.
    func link(_ stack: inout Stack) {
        for (key, node) in services {
            for link in Fields.texts(node["links"]) {
                let halves = link.split(separator: ":").map(String.init)
                guard halves.count == 2, halves[0] != halves[1], let shared = stack.services[key]?.networks.keys else { continue }
                for network in shared where stack.services[halves[0]]?.networks[network]?.aliases.contains(halves[1]) == false {
                    stack.services[halves[0]]?.networks[network]?.aliases.append(halves[1])
                }
            }
        }
    }

    /// `volumes_from`: the other service's storage at the same places, unless something is mounted there already.
    func share(_ stack: inout Stack) {
        let own = stack.services.mapValues(\.mounts)
        for (key, node) in services {
            for item in node["volumes_from"]?.sequence ?? [] {
                guard let text = item.scalar?.text, let (other, readOnly) = source(text, at: item.place) else { continue }
                for mount in own[other] ?? [] { add(mount, to: &stack, key, readOnly: readOnly, from: other, at: item.place) }
            }
        }
    }

    private var services: [(String, Node)] {
        (root["services"]?.mapping?.entries ?? []).map { ($0.key, $0.value) }
    }

    /// `name`, `name:ro`, `name:rw`.
    private func source(_ text: String, at place: Place) -> (name: String, readOnly: Bool)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.first == "container" {
            report.error("the storage of a container outside the stack cannot be shared", at: place, hint: "name a volume of the stack in both")
            return nil
        }
        guard parts.count <= 2, let name = parts.first, !name.isEmpty, parts.count == 1 || ["ro", "rw"].contains(parts[1]) else {
            report.error("\"\(text)\" is not a source of storage", at: place, hint: "write \"service\" or \"service:ro\"")
            return nil
        }
        return (name, parts.last == "ro" && parts.count == 2)
    }

    private func add(_ mount: ServiceMount, to stack: inout Stack, _ key: String, readOnly: Bool, from other: String, at place: Place) {
        switch mount.source {
        case .tmpfs: return
        case .volume(nil, _, _):
            report.warning(
                "the unnamed volume at \"\(mount.target)\" of \"\(other)\" cannot be shared", at: place, hint: "give it a name there")
            return
        case .bind, .volume: break
        }
        guard stack.services[key]?.mounts.contains(where: { $0.target == mount.target }) == false else { return }
        var shared = mount
        shared.readOnly = mount.readOnly || readOnly
        stack.services[key]?.mounts.append(shared)
    }
}
