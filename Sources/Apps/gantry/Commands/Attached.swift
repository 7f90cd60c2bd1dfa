import CLinux
import Glibc
import Linux
import StackModel
import Terminal

/// `up` without `-d`: shows the output until all containers ended or the user stops them.
struct Attached: Sendable {
    let context: Context
    let daemon: Daemon
    let request: UpRequest
    let endsWithFirst: Bool
    let codeFrom: String?
    let prefix: Bool
    let places: [String: Diagnostic]

    private enum Event: Sendable {
        case brought
        case interrupted(Int)
        case ended(ContainerSummary?)
        case stopped
        case quiet
    }

    /// - Returns: the exit code.
    func run() async throws -> Int32 {
        let interrupts = Interrupts()
        try await ProgressView(context: context, verb: "Running", places: places).show(daemon.up(request))
        let names = try await daemon.containers(stack: stack).map { LogPrefix.short($0.name, stack) }.sorted()
        Output.error("Attaching to \(names.joined(separator: ", "))\n")
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { try await showLogs(names) }
            group.addTask { try await watch() }
            group.addTask { await interrupts.next() }
            var code: Int32 = 0
            while let event = try await group.next() {
                switch event {
                case .interrupted(1):
                    code = 130
                    Output.error("Gracefully stopping... (press Ctrl+C again to force)\n")
                    group.addTask { try await end(.stop) }
                    group.addTask { await interrupts.next() }
                case .interrupted: group.addTask { try await end(.kill) }
                case .ended(let container):
                    if endsWithFirst {
                        code = try await exitCode(container)
                        group.addTask { try await end(.stop) }
                    } else {
                        group.cancelAll()
                        return code
                    }
                case .stopped:
                    group.cancelAll()
                    return code
                case .brought, .quiet: continue
                }
            }
            return code
        }
    }

    private var stack: String { request.stack.name }

    private func showLogs(_ names: [String]) async throws -> Event {
        var logs = LogsRequest(stack: stack)
        logs.services = request.services
        logs.follow = true
        var printer = LogPrefix(style: context.style(1), names: names)
        for try await line in daemon.logs(logs) {
            let text = printer.line(line, stack: stack, prefix: prefix, timestamps: false)
            if line.stream == "stderr" { Output.error(text) } else { Output.out(text) }
        }
        return .quiet
    }

    /// Waits until the first container ended (or all).
    private func watch() async throws -> Event {
        let events = daemon.events(stack: stack)
        if let end = try await over() { return .ended(end) }
        for try await event in events where event.action == "die" || event.action == "destroy" {
            if event.action == "die", let name = event.attributes["name"], let code = event.attributes["exitCode"] {
                // The last lines come first, where they can.
                try await Task.sleep(for: .milliseconds(150))
                Output.out("\(LogPrefix.short(name, stack)) exited with code \(code)\n")
            }
            if let end = try await over() { return .ended(end) }
        }
        return .quiet
    }

    private func over() async throws -> ContainerSummary?? {
        let rows = try await daemon.containers(stack: stack)
        if endsWithFirst, let first = rows.first(where: { $0.state == "exited" }) { return .some(first) }
        // One that its policy starts again is not over.
        let live = rows.contains { row in
            row.state == "running" || row.state == "paused" || request.stack.services[row.service].map { $0.restart.condition != .no && row.exitCode != 0 } == true
        }
        return live ? nil : .some(rows.first)
    }

    private func exitCode(_ ended: ContainerSummary?) async throws -> Int32 {
        guard let codeFrom else { return Int32(clamping: ended?.exitCode ?? 0) }
        let row = try await daemon.containers(stack: stack).first { $0.service == codeFrom }
        return Int32(clamping: row?.exitCode ?? ended?.exitCode ?? 0)
    }

    private func end(_ verb: ServicesRequest.Verb) async throws -> Event {
        var change = ServicesRequest(stack: stack, verb: verb)
        change.services = request.services
        change.stopTimeout = request.stopTimeout
        try await ProgressView(context: context, verb: verb == .stop ? "Stopping" : "Killing").show(daemon.change(change))
        return .stopped
    }

    /// Ctrl-C as something to wait for, counted.
    private actor Interrupts {
        private var count = 0
        private let signals: AsyncStream<Void>
        init() {
            let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
            self.signals = signals
            _ = gl_sigmask_block([SIGINT, SIGTERM], 2)
            try? NamedThread.start("gantry-signals") {
                while true {
                    var (sender, code): (Int32, Int32) = (0, 0)
                    if gl_sigwaitinfo([SIGINT, SIGTERM], 2, &sender, &code) > 0 { continuation.yield() }
                }
            }
        }

        func next() async -> Event {
            for await _ in signals {
                count += 1
                return .interrupted(count)
            }
            return .quiet
        }
    }
}
