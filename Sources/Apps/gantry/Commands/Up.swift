import ArgumentParser
import StackFile
import StackModel
import Terminal

/// What `up` and `create` share.
struct UpOptions: ParsableArguments {
    @Flag(help: "Make containers anew even if nothing changed.") var forceRecreate = false
    @Flag(help: "Keep containers as they are even if they changed.") var noRecreate = false
    @Flag(help: "Remove containers of services that the stack does not have.") var removeOrphans = false
    @Flag(name: .customLong("no-deps"), help: "Leave services that the named ones depend on alone.") var noDependencies = false
    @Option(help: "SERVICE=NUMBER of replicas.") var scale: [String] = []
    @Option(name: [.customShort("t"), .long], help: "Seconds for containers to stop in.") var timeout: Int?
    @Flag(name: [.customShort("y"), .customLong("yes")], help: "Answer every question with yes.") var yes = false
    @Option(help: "When images are fetched: always, missing or never.") var pull: String?

    /// Services of profiles that are not active belong to the stack and are not brought up.
    func request(_ loaded: LoadedStack, services: [String]) throws -> UpRequest {
        if forceRecreate && noRecreate { throw Failure(code: .invalid, what: "--force-recreate and --no-recreate cannot be used together") }
        var request = UpRequest(stack: try Replicas.apply(scale, to: loaded.stack))
        if let pull { for name in request.stack.services.keys { request.stack.services[name]?.pullPolicy = pull } }
        request.services = services
        if !loaded.inactive.isEmpty {
            if services.isEmpty { request.services = loaded.stack.services.keys.sorted() }
            request.stack.services.merge(loaded.inactive) { active, _ in active }
        }
        request.noDeps = noDependencies
        request.forceRecreate = forceRecreate
        request.noRecreate = noRecreate
        request.removeOrphans = removeOrphans
        request.stopTimeout = timeout.map { Milliseconds(seconds: $0) }
        request.confirmed = yes
        let images = request.stack.services.values.map(\.image)
        request.logins = DockerConfig(environment: Context.current.environment).logins(images.map(ImageDomain.of))
        return request
    }
}

enum Replicas {
    static func apply(_ pairs: [String], to stack: Stack) throws -> Stack {
        var stack = stack
        for (name, count) in try parse(pairs) {
            try Context.current.check([name], in: stack)
            stack.services[name]?.replicas = count
        }
        return stack
    }

    static func parse(_ pairs: [String]) throws -> [(String, Int)] {
        try pairs.map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, let count = Int(sides[1]), (0...10_000).contains(count) else {
                throw Failure(code: .invalid, what: "\"\(pair)\" is no scale", hint: "write SERVICE=NUMBER")
            }
            return (sides[0], count)
        }
    }
}

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the stack up and keep it up.")
    @OptionGroup var options: UpOptions
    @Flag(name: [.customShort("d"), .customLong("detach")], help: "Do not stay to show the output.") var detach = false
    @Flag(help: "Wait until all services run, and are healthy where they have a check.") var wait = false
    @Option(help: "Seconds to wait at most.") var waitTimeout: Int?
    @Flag(help: "Make containers and do not start them.") var noStart = false
    @Flag(help: "Stop all when one container ends.") var abortOnContainerExit = false
    @Option(help: "End with this service's exit code; stops all when one ends.") var exitCodeFrom: String?
    @Flag(help: "Without names before the lines.") var noLogPrefix = false
    @Argument(help: "All when none is named.") var services: [String] = []

    mutating func run() async throws {
        let context = Context.current
        let loaded = try context.load(services: services)
        try context.check(services + [exitCodeFrom].compactMap { $0 }, in: loaded.stack)
        var request = try options.request(loaded, services: services)
        request.noStart = noStart
        request.wait = wait
        request.waitTimeout = waitTimeout.map { Milliseconds(seconds: $0) }
        let daemon = try await context.daemon()
        if detach || wait || noStart {
            try await ProgressView(context: context, verb: "Running", places: loaded.imagePlaces).show(daemon.up(request))
            return
        }
        let attached = Attached(
            context: context, daemon: daemon, request: request, endsWithFirst: abortOnContainerExit || exitCodeFrom != nil,
            codeFrom: exitCodeFrom, prefix: !noLogPrefix, places: loaded.imagePlaces)
        throw ExitCode(try await attached.run())
    }
}

struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make the stack's containers and do not start them.")
    @OptionGroup var options: UpOptions
    @Argument var services: [String] = []

    mutating func run() async throws {
        let context = Context.current
        let loaded = try context.load(services: services)
        try context.check(services, in: loaded.stack)
        var request = try options.request(loaded, services: services)
        request.noStart = true
        try await ProgressView(context: context, verb: "Creating", places: loaded.imagePlaces).show(try await context.daemon().up(request))
    }
}

struct ShowPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what `up` would do and why.", discussion: "Ends with 0 when nothing would change, 2 when something would, 1 on an error.")
    @OptionGroup var options: UpOptions
    @Option(help: "text or json.") var format = "text"
    @Argument var services: [String] = []

    mutating func run() async throws {
        let context = Context.current
        let loaded = try context.load(services: services)
        try context.check(services, in: loaded.stack)
        let plan = try await context.daemon().plan(try options.request(loaded, services: services))
        if format == "json" { Output.out(try JSONOutput.pretty(plan)) } else { Output.out(PlanLines.render(plan, style: context.style(1))) }
        if plan.notes.contains(where: { $0.kind == .error }) { throw ExitCode(1) }
        if !plan.isEmpty { throw ExitCode(2) }
    }
}

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop and remove the stack's containers and networks.")
    @Flag(name: [.customShort("v"), .customLong("volumes")], help: "Remove its volumes and their data too.") var volumes = false
    @Flag(help: "Containers of services that the stack does not have go in any case.") var removeOrphans = false
    @Option(name: [.customShort("t"), .long], help: "Seconds for containers to stop in.") var timeout: Int?
    @Option(help: "Remove images that services use: all or local.") var rmi: String?
    @Argument(help: "Only these services' containers.") var services: [String] = []

    mutating func run() async throws {
        let context = Context.current
        var request = DownRequest(stack: try context.stackName())
        request.removeVolumes = volumes
        request.removeOrphans = removeOrphans
        request.stopTimeout = timeout.map { Milliseconds(seconds: $0) }
        request.services = services
        let daemon = try await context.daemon()
        let images = rmi == nil ? [] : Set(try await daemon.containers(stack: request.stack).map(\.image)).sorted()
        try await ProgressView(context: context, verb: "Running").show(daemon.down(request))
        for image in images { _ = try? await daemon.imageRemove(image, force: false) }
    }
}
