import Containers
import Images
import Linux
import OCI
import StackModel

/// Begins the probing of a container that runs, where it has a check.
struct HealthWatch: Sendable {
    let world: World

    func begin(_ id: String) async {
        guard let facts = world.facts[id], facts.hasHealthcheck else { return }
        let world = world
        let found = await world.pool.run { () -> (EffectiveCheck, Timestamp)? in
            let image = (try? world.images.resolve(facts.imageID)) ?? nil
            guard let check = EffectiveCheck(service: facts.spec.healthcheck, image: image?.config.healthcheck),
                let status = try? world.containers.status(id)
            else { return nil }
            switch status.state {
            case .running(_, let since), .paused(_, let since): return (check, Timestamp(nanoseconds: since))
            default: return nil
            }
        }
        if let found { await world.health.watch(id, check: found.0, startedAt: found.1) }
    }
}
