import API
import ArgumentParser
import CLinux
import Glibc
import StackModel
import Terminal

@main
enum Entry {
    static func main() async {
        // A closed pipe is an error of the write, which ends the program quietly.
        _ = gl_signal_ignore(SIGPIPE)
        do {
            let (options, rest) = try GlobalOptions.extract(Array(CommandLine.arguments.dropFirst()))
            await GlobalOptions.$current.withValue(options) { await run(rest) }
        } catch {
            fail(error)
        }
    }

    private static func run(_ arguments: [String]) async {
        do {
            var command = try Gantry.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
            exit(0)
        } catch {
            fail(error)
        }
    }

    private static func fail(_ error: any Error) -> Never {
        switch error {
        case let silent as Silent: exit(silent.status)
        case let failure as Failure:
            Output.error(ErrorText.render(failure, style: Context.current.style(2)))
            exit(1)
        case let code as ExitCode: exit(code.rawValue)
        default:
            let status = Gantry.exitCode(for: error)
            let text = Gantry.fullMessage(for: error) + "\n"
            if status == .success { Output.out(text) } else { Output.error(text) }
            // As with docker compose, a command line that cannot be read is 1.
            exit(status == .success ? 0 : 1)
        }
    }
}

struct Gantry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gantry", abstract: "Runs stacks of containers from Compose files, and keeps them running.",
        discussion: GlobalOptions.help, version: VersionInfo.current.version,
        groupedSubcommands: [
            CommandGroup(name: "Stacks:", subcommands: [Up.self, Down.self, ShowPlan.self, Create.self, Pull.self, Config.self, List.self]),
            CommandGroup(name: "Services:", subcommands: [
                Containers.self, Logs.self, Exec.self, Start.self, Stop.self, Restart.self, Kill.self, Remove.self, Pause.self, Unpause.self, Scale.self, Port.self, Events.self,
            ]),
            CommandGroup(name: "Images and the daemon:", subcommands: [Image.self, Login.self, Logout.self, Version.self, System.self]),
        ])
}
