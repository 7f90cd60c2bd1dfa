import ArgumentParser
import StackModel

/// Verbs that change services of a stack that is there.
private func change(_ verb: ServicesRequest.Verb, _ words: String, _ services: [String], _ fill: (inout ServicesRequest) -> Void = { _ in }) async throws {
    let context = Context.current
    var request = ServicesRequest(stack: try context.stackName(), verb: verb)
    request.services = services
    fill(&request)
    try await ProgressView(context: context, verb: words).show(try await context.daemon().change(request))
}

struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start services that are stopped.")
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws { try await change(.start, "Running", services) }
}

struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop services and keep their containers; they stay stopped.")
    @Option(name: [.customShort("t"), .long], help: "Seconds for containers to stop in.") var timeout: Int?
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws {
        try await change(.stop, "Stopping", services) { [timeout] in $0.stopTimeout = timeout.map { Milliseconds(seconds: $0) } }
    }
}

struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop and start services.")
    @Option(name: [.customShort("t"), .long], help: "Seconds for containers to stop in.") var timeout: Int?
    @Flag(name: .customLong("no-deps"), help: "Leave services that depend on them alone.") var noDependencies = false
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws {
        try await change(.restart, "Restarting", services) { [timeout, noDependencies] request in
            request.stopTimeout = timeout.map { Milliseconds(seconds: $0) }
            request.noDeps = noDependencies
        }
    }
}

struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Send a signal to services' first processes.")
    @Option(name: [.customShort("s"), .long], help: "By name or number.") var signal = "SIGKILL"
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws { try await change(.kill, "Killing", services) { [signal] in $0.signal = signal } }
}

struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove containers that do not run.")
    @Flag(name: [.customShort("f"), .long], help: "Do not ask.") var force = false
    @Flag(name: [.customShort("s"), .customLong("stop")], help: "Stop them first.") var stopFirst = false
    @Flag(name: [.customShort("v"), .customLong("volumes")], help: "Remove their anonymous volumes too.") var volumes = false
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws {
        if !force, !Question.ask("Going to remove stopped containers. Are you sure? [yN] ") { return }
        try await change(.remove, "Removing", services) { [stopFirst, volumes] request in
            request.stopFirst = stopFirst
            request.removeVolumes = volumes
        }
    }
}

struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Freeze services.")
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws { try await change(.pause, "Pausing", services) }
}

struct Unpause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let frozen services go on.")
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws { try await change(.unpause, "Unpausing", services) }
}

struct Scale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Set how many replicas services have.")
    @Argument(help: "SERVICE=NUMBER") var scale: [String]
    mutating func run() async throws {
        let counts = try Replicas.parse(scale)
        try await change(.scale, "Running", []) { $0.scale = Dictionary(counts) { _, last in last } }
    }
}
