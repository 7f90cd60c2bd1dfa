import API
import ArgumentParser
import StackModel
import Terminal

struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show versions.")
    @Flag(help: "The number only.") var short = false
    @Option(help: "text or json.") var format = "text"
    mutating func run() async throws {
        let own = VersionInfo.current
        if short { return Output.out("\(own.version)\n") }
        let daemon = try? await Daemon.running(run: Context.current.run)?.version()
        if format == "json" {
            struct Line: Encodable {
                var version: String
                var daemon: String?
            }
            return Output.out(try JSONOutput.line(Line(version: own.version, daemon: daemon?.version)))
        }
        Output.out("gantry version \(own.version)\n")
        guard let daemon else { return }
        Output.out("gantryd version \(daemon.version)\n")
        if daemon.version != own.version { Context.current.warn("gantryd is of another version: run `gantry system stop`; the next command starts the new one, and containers go on") }
    }
}

struct System: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The daemon.", subcommands: [Info.self, Halt.self])

    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what the daemon is and has.")
        @Option(help: "text or json.") var format = "text"
        mutating func run() async throws {
            let info = try await Context.current.daemon().info()
            if format == "json" { return Output.out(try JSONOutput.pretty(info)) }
            let rows = [
                ("Version", info.version), ("Daemon", "pid \(info.pid)"), ("Root", info.root), ("Run", info.run), ("Engine", info.engine),
                ("Stacks", "\(info.stacks)"), ("Containers", "\(info.containers), \(info.running) running"), ("Images", "\(info.images)"),
                ("Kernel", info.kernel), ("Cgroups", info.cgroups),
            ]
            Output.out(rows.map { "\($0.0): \($0.1)\n" }.joined())
            for note in info.notes { Context.current.warn(note) }
        }
    }

    struct Halt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "stop", abstract: "End the daemon; containers go on.")
        @Flag(help: "Take all stacks down first.") var all = false
        mutating func run() async throws {
            let context = Context.current
            if !all {
                guard let daemon = Daemon.running(run: context.run) else { return Output.error("gantryd does not run\n") }
                try await daemon.halt()
            } else {
                // A daemon is needed to take down what an earlier one left.
                try await ProgressView(context: context, verb: "Stopping").show(try await context.daemon().stop(all: true))
            }
        }
    }
}
