import ArgumentParser
import Glibc
import StackModel

struct Exec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run a program in a service's container.")
    @Flag(name: [.customShort("d"), .customLong("detach")], help: "Do not wait for it.") var detach = false
    @Option(name: [.customShort("e"), .customLong("env")], help: "NAME=VALUE") var environment: [String] = []
    @Option(help: "Which replica.") var index = 1
    @Flag(help: "With all capabilities and without a filter.") var privileged = false
    @Flag(name: [.customShort("T"), .customLong("no-TTY")], help: "Without a terminal.") var noTerminal = false
    @Flag(name: [.customShort("i"), .long], help: "With standard input; it always is.") var interactive = false
    @Flag(name: [.customShort("t"), .long], help: "With a terminal; it has one when this is one.") var tty = false
    @Option(name: [.customShort("u"), .long], help: "User and group.") var user: String?
    @Option(name: [.customShort("w"), .long], help: "Folder to run in.") var workdir: String?
    @Argument var service: String
    @Argument(parsing: .captureForPassthrough) var command: [String]

    mutating func run() async throws {
        let context = Context.current
        guard !command.isEmpty else { throw Failure(code: .invalid, what: "exec needs a command", hint: "gantry exec \(service) sh") }
        var request = ExecStart(stack: try context.stackName(), service: service, command: command.first == "--" ? Array(command.dropFirst()) : command)
        request.index = index
        request.environment = environment
        request.user = user
        request.workingDir = workdir
        request.privileged = privileged
        request.detach = detach
        request.interactive = !detach
        request.tty = !noTerminal && !detach && isatty(0) == 1 && isatty(1) == 1
        if request.tty, let size = Console.size {
            request.rows = size.rows
            request.columns = size.columns
        }
        let daemon = try await context.daemon()
        let console = Console(terminal: request.tty, interactive: !detach)
        let code: Int32
        do {
            code = try await daemon.exec(request, console)
            console.restore()
        } catch {
            console.restore()
            if let failure = error as? Failure, failure.code == .launch {
                Output.error("\(failure)\n")
                // As a shell says it: not found, or found and not to be run.
                throw ExitCode(failure.description.contains("ENOENT") ? 127 : 126)
            }
            throw error
        }
        throw ExitCode(code)
    }
}
