import Planner
import StackModel

/// The words that people know from Compose for each step: while it is under way and when it is done.
struct StepWords: Sendable, Hashable {
    var kind: Progress.Kind
    var name: String
    var working: String
    var done: String

    /// Nil: a step that a person need not hear of.
    init?(_ step: Step) {
        switch step.action {
        case .createNetwork(let name, _): self.init(.network, name, "Creating", "Created")
        case .repairNetwork(let name): self.init(.network, name, "Repairing", "Repaired")
        case .removeNetwork(let name): self.init(.network, name, "Removing", "Removed")
        case .createVolume(let name, _): self.init(.volume, name, "Creating", "Created")
        case .removeVolume(let name): self.init(.volume, name, "Removing", "Removed")
        case .createContainer(_, _, let name):
            switch step.because {
            case .changed, .imageChanged, .forced, .broken, .dependencyRestarted, .replaces:
                self.init(.container, name, "Recreate", "Recreated")
            default: self.init(.container, name, "Creating", "Created")
            }
        case .startContainer(_, let name, _):
            switch step.because {
            case .restartRequested, .exited, .unhealthy, .startFailed: self.init(.container, name, "Restarting", "Started")
            default: self.init(.container, name, "Starting", "Started")
            }
        case .stopContainer(_, let name, _): self.init(.container, name, "Stopping", "Stopped")
        case .killContainer(_, let name): self.init(.container, name, "Killing", "Killed")
        case .removeContainer(_, let name, _): self.init(.container, name, "Removing", "Removed")
        case .repairContainer(_, let name): self.init(.container, name, "Repairing", "Repaired")
        case .waitHealthy(_, let name, _): self.init(.container, name, "Waiting", "Healthy")
        case .waitCompleted(_, let name, _): self.init(.container, name, "Waiting", "Exited")
        case .updateRecord: return nil
        }
    }

    private init(_ kind: Progress.Kind, _ name: String, _ working: String, _ done: String) {
        self.kind = kind
        self.name = name
        self.working = working
        self.done = done
    }
}
