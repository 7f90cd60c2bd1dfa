import StackModel

/// Flags that stand before the verb, as with docker compose; their long forms may also come after it.
struct GlobalOptions: Sendable, Hashable {
    var files: [String] = []
    var projectName: String?
    var profiles: [String] = []
    var environmentFiles: [String] = []
    var projectDirectory: String?
    var ansi: String?
    var progress: String?
    var root: String?
    var run: String?

    @TaskLocal static var current = GlobalOptions()

    private static let short = ["-f": "--file", "-p": "--project-name"]
    private static let long: Set<String> = [
        "--file", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi", "--progress", "--root", "--run",
    ]

    /// Takes the global flags out of the arguments.
    /// - Throws: when a flag lacks its value.
    static func extract(_ arguments: [String]) throws(Failure) -> (GlobalOptions, [String]) {
        var options = GlobalOptions()
        var rest: [String] = []
        var left = arguments[...]
        var verb: String?
        while let argument = left.popFirst() {
            // What follows belongs to a program in a container, or is data.
            if argument == "--" || (verb == "exec" && !argument.hasPrefix("-")) {
                rest += [argument] + left
                break
            }
            let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            var name = sides.first ?? ""
            if verb == nil, let whole = short[name] { name = whole }
            guard long.contains(name), argument.hasPrefix("-") else {
                if verb == nil, !argument.hasPrefix("-") { verb = argument }
                rest.append(argument)
                continue
            }
            guard let value = sides.count > 1 ? sides[1] : left.popFirst() else {
                throw Failure(code: .invalid, what: "\(argument) needs a value", hint: "see `gantry --help`")
            }
            options.set(name, value)
        }
        return (options, rest)
    }

    private mutating func set(_ name: String, _ value: String) {
        switch name {
        case "--file": files.append(value)
        case "--project-name": projectName = value
        case "--profile": profiles.append(value)
        case "--env-file": environmentFiles.append(value)
        case "--project-directory": projectDirectory = value
        case "--ansi": ansi = value
        case "--progress": progress = value
        case "--root": root = value
        default: run = value
        }
    }

    static let help = """
        Flags before the verb:
          -f, --file FILE            a stack file; may be given several times
          -p, --project-name NAME    the stack's name
          --profile NAME             switch a profile on; may be given several times
          --env-file FILE            instead of .env
          --project-directory DIR    what relative paths start from
          --ansi never|always|auto   colours
          --progress auto|tty|plain|json|quiet
          --root DIR, --run DIR      where state and sockets are kept (GANTRY_ROOT, GANTRY_RUN)
        """
}
