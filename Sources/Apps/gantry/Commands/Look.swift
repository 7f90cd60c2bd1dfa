import API
import ArgumentParser
import FoundationEssentials
import Glibc
import StackFile
import StackModel
import Terminal

struct Containers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ps", abstract: "List containers.")
    @Flag(name: [.customShort("a"), .long], help: "Also those that do not run.") var all = false
    @Flag(name: [.customShort("q"), .long], help: "Ids only.") var quiet = false
    @Flag(help: "Names of services only.") var services = false
    @Option(help: "table or json.") var format = "table"
    @Option(help: "Those in a state: running, exited, paused, created.") var status: [String] = []
    @Flag(help: "Do not cut anything.") var noTrunc = false
    @Argument(help: "All when none is named.") var names: [String] = []

    mutating func run() async throws {
        let context = Context.current
        let stack = try context.stackName()
        var rows = try await context.daemon().containers(stack: stack)
        for name in names where !rows.contains(where: { $0.service == name }) {
            throw Failure(code: .notFound, what: "no such service: \(name)", hint: Nearest.word(name, in: Set(rows.map(\.service)).sorted()).map { "did you mean \($0)?" })
        }
        if !names.isEmpty { rows.removeAll { !names.contains($0.service) } }
        if !status.isEmpty {
            rows.removeAll { !status.contains($0.state) }
        } else if !all {
            rows.removeAll { $0.state != "running" && $0.state != "paused" }
        }
        rows.sort { ($0.name, $0.id) < ($1.name, $1.id) }
        if quiet {
            Output.out(rows.map { $0.id + "\n" }.joined())
        } else if services {
            Output.out(Set(rows.map(\.service)).sorted().map { $0 + "\n" }.joined())
        } else if format == "json" {
            Output.out(ContainerRows.json(rows, now: context.now))
        } else {
            Output.out(ContainerRows.table(rows, now: context.now))
        }
    }
}

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List stacks.")
    @Flag(name: [.customShort("a"), .long], help: "Also those of which nothing runs.") var all = false
    @Flag(name: [.customShort("q"), .long], help: "Names only.") var quiet = false
    @Option(help: "table or json.") var format = "table"

    mutating func run() async throws {
        var stacks = try await Context.current.daemon().stacks()
        if !all { stacks.removeAll { !$0.status.contains("running") } }
        if quiet {
            Output.out(stacks.map { $0.name + "\n" }.joined())
        } else if format == "json" {
            struct Row: Encodable { var Name, Status, ConfigFiles: String }
            Output.out(try JSONOutput.line(stacks.map { Row(Name: $0.name, Status: $0.status, ConfigFiles: $0.files.joined(separator: ",")) }))
        } else {
            Output.out(ListText.stacks(stacks))
        }
    }
}

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what containers wrote.")
    @Flag(name: [.customShort("f"), .long], help: "Go on with what comes.") var follow = false
    @Option(name: [.customShort("n"), .long], help: "This many lines from the end of each container's, or all.") var tail = "all"
    @Flag(name: [.customShort("t"), .long], help: "With times.") var timestamps = false
    @Option(help: "From this time on: RFC 3339, or a span such as 10m.") var since: String?
    @Option(help: "Until this time.") var until: String?
    @Option(help: "Only this replica.") var index: Int?
    @Flag(help: "Without colours.") var noColor = false
    @Flag(help: "Without names before the lines.") var noLogPrefix = false
    @Argument(help: "All when none is named.") var services: [String] = []

    mutating func run() async throws {
        let context = Context.current
        var request = LogsRequest(stack: try context.stackName())
        request.services = services
        request.follow = follow
        if tail != "all" {
            guard let count = Int(tail), count >= 0 else { throw Failure(code: .invalid, what: "--tail \(tail)", hint: "give a number or all") }
            request.tail = count
        }
        request.since = try since.map { try Moment.parse($0, now: context.now) }
        request.until = try until.map { try Moment.parse($0, now: context.now) }
        request.index = index
        let daemon = try await context.daemon()
        let names = try await daemon.containers(stack: request.stack).filter { services.isEmpty || services.contains($0.service) }.map { LogPrefix.short($0.name, request.stack) }
        var printer = LogPrefix(style: noColor ? Style(isColoured: false) : context.style(1), names: names.sorted())
        for try await line in daemon.logs(request) {
            Output.out(printer.line(line, stack: request.stack, prefix: !noLogPrefix, timestamps: timestamps))
        }
    }
}

/// Times on the command line.
enum Moment {
    static func parse(_ text: String, now: Timestamp) throws -> Timestamp {
        if let span = span(text) { return Timestamp(milliseconds: now.milliseconds - span) }
        if let seconds = Double(text) { return Timestamp(milliseconds: Int(seconds * 1000)) }
        let forms: [Date.ISO8601FormatStyle] = [.iso8601, Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        for form in forms {
            if let date = try? form.parse(text) { return Timestamp(milliseconds: Int(date.timeIntervalSince1970 * 1000)) }
        }
        throw Failure(code: .invalid, what: "\"\(text)\" is no time", hint: "write 2026-01-02T15:04:05Z, or how long ago: 10m, 1h30m")
    }

    /// `1h30m`, in milliseconds.
    private static func span(_ text: String) -> Int? {
        var total = 0
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Int(digits), let factor = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000][String(unit)] else { return nil }
            total += number * factor
        }
        return text.isEmpty ? nil : total
    }
}

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what happens, as it happens.")
    @Flag(help: "As JSON, one object a line.") var json = false
    @Argument(help: "All when none is named.") var services: [String] = []
    mutating func run() async throws {
        let context = Context.current
        for try await event in try await context.daemon().events(stack: try context.stackName()) {
            if !services.isEmpty, !services.contains(event.service ?? "") { continue }
            if json {
                struct Line: Encodable {
                    var time, type, action, id: String
                    var service: String?
                    var attributes: [String: String]
                }
                Output.out(try JSONOutput.line(Line(time: Words.time(event.at), type: event.type, action: event.action, id: event.id, service: event.service, attributes: event.attributes)))
            } else {
                Output.out(ListText.event(event))
            }
        }
    }
}

struct Port: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show where a service's port is published.")
    @Option(help: "tcp or udp.") var `protocol` = "tcp"
    @Option(help: "Which replica.") var index = 1
    @Argument var service: String
    @Argument var port: Int
    mutating func run() async throws {
        let context = Context.current
        let rows = try await context.daemon().containers(stack: try context.stackName())
        let found = rows.first { $0.service == service && $0.number == index }?.publishers.first { $0.targetPort == port && $0.proto == `protocol` }
        guard let found else { throw Failure(code: .notFound, what: "no port \(port)/\(`protocol`) of \(service) is published", hint: "see `gantry ps`") }
        Output.out("\(found.url):\(found.publishedPort)\n")
    }
}
