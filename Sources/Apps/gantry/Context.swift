import FoundationEssentials
import Glibc
import Linux
import StackFile
import StackModel
import Terminal

/// What a command runs in: its flags, environment and folders.
struct Context: Sendable {
    let options: GlobalOptions
    let environment: [String: String]

    static var current: Context { Context(options: GlobalOptions.current, environment: ProcessInfo.processInfo.environment) }

    /// The same with another way of showing progress.
    func with(progress: String) -> Context {
        var options = options
        options.progress = progress
        return Context(options: options, environment: environment)
    }

    private func folder(_ flag: String?, _ variable: String, _ standard: String) -> String {
        absolute(flag ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? standard)
    }
    var root: String { folder(options.root, "GANTRY_ROOT", "/var/lib/gantry") }
    var run: String { folder(options.run, "GANTRY_RUN", "/run/gantry") }

    var currentDirectory: String { FileManager.default.currentDirectoryPath }
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(currentDirectory)/\(path)" }

    func daemon() async throws -> Daemon { try await Daemon.connect(root: root, run: run) }

    // MARK: the terminal

    func style(_ fd: Int32) -> Style {
        switch options.ansi ?? environment["COMPOSE_ANSI"] ?? "auto" {
        case "never": Style(isColoured: false)
        case "always": Style(isColoured: true)
        default: Style(isColoured: isatty(fd) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb")
        }
    }

    var now: Timestamp { Timestamp(milliseconds: Int(Clock.realNanoseconds / 1_000_000)) }

    func warn(_ text: String) { Output.error(ErrorText.warning(text, style: style(2))) }

    // MARK: the stack

    func load(services: [String] = [], interpolate: Bool = true, strict: Bool = false, quiet: Bool = false) throws -> LoadedStack {
        var request = LoadRequest(currentDirectory: currentDirectory, environment: environment, files: options.files)
        request.projectDirectory = options.projectDirectory
        request.projectName = options.projectName
        request.environmentFiles = options.environmentFiles
        request.profiles = options.profiles
        request.services = services
        request.interpolate = interpolate
        request.isStrict = strict
        do {
            let loaded = try StackLoader().load(request)
            if !quiet, !loaded.diagnostics.isEmpty { Output.error(DiagnosticText.render(loaded.diagnostics, colour: style(2).isColoured) + "\n") }
            return loaded
        } catch {
            Output.error(DiagnosticText.render(error.diagnostics, colour: style(2).isColoured) + "\n")
            throw Silent(status: 1)
        }
    }

    /// The stack's name, for verbs that need no more than that.
    func stackName() throws -> String {
        if let name = options.projectName ?? environment["COMPOSE_PROJECT_NAME"], !name.isEmpty { return name }
        return try load(quiet: true).stack.name
    }

    /// Names that were given must be services of the stack, if it is known.
    func check(_ services: [String], in stack: Stack) throws {
        for name in services where stack.services[name] == nil {
            let near = Nearest.word(name, in: stack.services.keys.sorted())
            throw Failure(
                code: .notFound, what: "no such service: \(name)",
                hint: near.map { "did you mean \($0)?" } ?? "the stack has: \(stack.services.keys.sorted().joined(separator: ", "))")
        }
    }
}

/// An end whose reason was said already.
struct Silent: Error {
    let status: Int32
}

enum Nearest {
    /// The word with the fewest edits, if it is near enough to be meant.
    static func word(_ text: String, in words: [String]) -> String? {
        let best = words.map { ($0, distance(Array(text.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
        return best.flatMap { $0.1 <= max(1, text.utf8.count / 3) ? $0.0 : nil }
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in 0..<right.count {
                let next = min(row[column + 1] + 1, row[column] + 1, diagonal + (byte == right[column] ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = next
            }
        }
        return row[right.count]
    }
}
