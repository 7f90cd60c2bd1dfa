import Containers
import Images
import Networks
import Planner
import StackModel

/// Everything that the engine's parts act on and ask: one value, so that tests put a fake world together.
struct World: Sendable {
    var containers: any ContainerHost
    var networks: any NetworkHost
    var images: any ImageSource
    var volumes: VolumeStore
    var facts: FactsStore
    var networkSpecs: NetworkSpecs
    var health: HealthProber
    var pool: BlockingPool
    var events = Broadcast<StackEvent>()
    var hub = Hub()
    var policy = Policy()
    var root: String
    var now: @Sendable () -> Timestamp
    /// A new container id.
    var newID: @Sendable () -> String

    func tell(_ facts: Facts, _ action: String, _ attributes: [String: String] = [:]) {
        var attributes = attributes
        attributes["name"] = facts.name
        attributes["image"] = facts.spec.image
        events.send(
            StackEvent(
                at: now(), stack: facts.stack, type: "container", action: action, id: facts.id, service: facts.service,
                attributes: attributes))
    }

    func tell(stack: String, _ type: String, _ action: String, _ name: String) {
        events.send(StackEvent(at: now(), stack: stack, type: type, action: action, id: name))
    }
}
