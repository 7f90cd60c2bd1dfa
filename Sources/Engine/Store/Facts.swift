import FoundationEssentials
import StackModel

/// What the engine knows about a container beside its runtime record; `<root>/containers/<id>/facts.json`.
struct Facts: Codable, Sendable, Hashable {
    var id: String
    var stack: String
    var service: String
    var number: Int
    var name: String
    /// The service as it was when the container was made.
    var spec: Service
    var imageID: String
    var createdAt: Timestamp
    var recreateGeneration = 0
    var restartGeneration = 0
    var restarts = ObservedContainer.Restarts()
    var stoppedByUser = false
    /// It shall be started although nothing else says so: made and not started yet, or asked for by `up` and `start`.
    var isStartDue = true
    /// Why it is being removed, once that began: a later daemon goes on with it.
    var isRemoving = false
    /// Published ports as they were resolved, for `ps`.
    var publishers: [ContainerSummary.Publisher] = []
    /// Network name → address.
    var addresses: [String: String] = [:]
    /// The command as it is run, for `ps`.
    var command: [String] = []
    /// The check that applies, of the service or its image.
    var hasHealthcheck = false

    init(
        id: String, stack: String, service: String, number: Int, name: String, spec: Service, imageID: String, createdAt: Timestamp
    ) {
        self.id = id
        self.stack = stack
        self.service = service
        self.number = number
        self.name = name
        self.spec = spec
        self.imageID = imageID
        self.createdAt = createdAt
    }
}
