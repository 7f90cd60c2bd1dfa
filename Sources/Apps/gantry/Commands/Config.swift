import ArgumentParser
import FoundationEssentials
import StackFile
import StackModel

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the stack as it is understood.")
    @Option(help: "yaml or json.") var format = "yaml"
    @Flag(help: "Names of services.") var services = false
    @Flag(help: "Names of volumes.") var volumes = false
    @Flag(help: "Names of networks.") var networks = false
    @Flag(help: "Names of images.") var images = false
    @Flag(help: "Names of profiles.") var profiles = false
    @Flag(help: "Variables that the files name.") var variables = false
    @Flag(help: "The environment that variables are taken from.") var environment = false
    @Flag(help: "Leave variables as they are.") var noInterpolate = false
    @Flag(help: "Warnings are errors.") var strict = false
    @Flag(name: [.customShort("q"), .long], help: "Only check.") var quiet = false
    @Option(name: [.customShort("o"), .long], help: "Write to this file.") var output: String?
    @Argument(help: "Only these services and what they need.") var names: [String] = []

    mutating func run() async throws {
        let context = Context.current
        let loaded = try context.load(services: names, interpolate: !noInterpolate, strict: strict)
        if quiet { return }
        let text = try text(loaded, context)
        guard let output else { return Output.out(text) }
        try text.write(toFile: output, atomically: true, encoding: .utf8)
    }

    private func text(_ loaded: LoadedStack, _ context: Context) throws -> String {
        func lines(_ words: some Sequence<String>) -> String { words.map { $0 + "\n" }.joined() }
        let stack = loaded.stack
        if services { return lines(stack.services.keys.sorted()) }
        if volumes { return lines(stack.volumes.keys.sorted()) }
        if networks { return lines(stack.networks.keys.sorted()) }
        if images { return lines(Set(stack.services.values.map(\.image)).sorted()) }
        if profiles { return lines(loaded.profiles) }
        if environment { return lines(context.environment.map { "\($0.key)=\($0.value)" }.sorted()) }
        if variables {
            return loaded.variables.map { "\($0.name)\t\($0.required)\t\($0.defaultValue ?? "")\t\($0.alternateValue ?? "")\n" }.joined()
        }
        guard let form = LoadedStack.Format(rawValue: format) else { throw Failure(code: .invalid, what: "--format \(format)", hint: "yaml or json") }
        let text = loaded.text(form)
        return text.hasSuffix("\n") ? text : text + "\n"
    }
}
