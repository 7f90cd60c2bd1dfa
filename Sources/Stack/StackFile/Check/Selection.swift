import StackModel
import YAML

/// Which services of a stack are active, and what of the stack they need.
struct Selection {
    let session: Session
    let root: Fields

    /// Finds out which profiles are active. Naming a service on the command line activates its profiles.
    func activateProfiles() {
        session.activeProfiles = Set(session.request.profiles)
        for part in (session.environment["COMPOSE_PROFILES"] ?? "").split(separator: ",") {
            session.activeProfiles.insert(String(part.drop { $0 == " " }))
        }
        for name in session.request.services {
            session.activeProfiles.formUnion(Fields.texts(root["services"]?[name]?["profiles"]))
        }
    }

    /// Divides services by their profiles.
    func divide(_ stack: Stack) -> (active: [String: Service], inactive: [String: Service]) {
        var active: [String: Service] = [:]
        var inactive: [String: Service] = [:]
        for (name, service) in stack.services {
            if session.isActive(service.profiles) { active[name] = service } else { inactive[name] = service }
        }
        for name in session.request.services where stack.services[name] == nil {
            let near = NearestName.find(name, among: stack.services.keys)
            session.report.error(
                "there is no service \"\(name)\" in this stack", at: nil,
                hint: near.map { "did you mean \"\($0)\"?" } ?? "its services: \(stack.services.keys.sorted().joined(separator: ", "))")
        }
        return (active, inactive)
    }

    /// The stack without networks, volumes, secrets and configs that none of its services use.
    func withoutUnused(_ stack: Stack) -> Stack {
        var used = stack
        var volumes: Set<String> = []
        for service in stack.services.values {
            for mount in service.mounts {
                if case .volume(let name?, _, _) = mount.source { volumes.insert(name) }
            }
        }
        let networks = Set(stack.services.values.flatMap(\.networks.keys))
        let secrets = Set(stack.services.values.flatMap { $0.secrets.map(\.source) })
        let configs = Set(stack.services.values.flatMap { $0.configs.map(\.source) })
        used.networks = stack.networks.filter { networks.contains($0.key) }
        used.volumes = stack.volumes.filter { volumes.contains($0.key) }
        used.secrets = stack.secrets.filter { secrets.contains($0.key) }
        used.configs = stack.configs.filter { configs.contains($0.key) }
        return used
    }

    /// Dependencies that may be missing and are missing are left out.
    func withoutAbsent(_ services: [String: Service]) -> [String: Service] {
        services.mapValues { service in
            var copy = service
            copy.dependsOn = service.dependsOn.filter { services[$0.key] != nil || $0.value.required }
            return copy
        }
    }
}
