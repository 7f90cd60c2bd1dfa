import StackModel

/// What a command line says about the stack to load.
public struct LoadRequest: Sendable, Hashable {
    /// `-f`, as given; `-` is standard input. Empty: `COMPOSE_FILE`, else the default names in this folder and those above.
    public var files: [String] = []
    /// The folder the command runs in; absolute.
    public var currentDirectory: String
    /// The caller's environment.
    public var environment: [String: String]
    public var projectDirectory: String?
    public var projectName: String?
    /// `--env-file`; later ones win. Empty: `.env` of the project's folder.
    public var environmentFiles: [String] = []
    public var profiles: [String] = []
    /// Services named on the command line: they are loaded whatever their profiles are.
    public var services: [String] = []
    /// `--no-interpolate` turns it off.
    public var interpolate: Bool = true
    /// Warnings are errors.
    public var isStrict: Bool = false

    public init(currentDirectory: String, environment: [String: String] = [:], files: [String] = []) {
        self.currentDirectory = currentDirectory
        self.environment = environment
        self.files = files
    }
}

/// A stack as the files declare it.
public struct LoadedStack: Sendable {
    /// Holds the services that are active: without profiles, of an active profile, or named.
    public var stack: Stack
    /// Services whose profiles are not active; they are no orphans.
    public var inactive: [String: Service]
    /// Warnings only.
    public var diagnostics: [Diagnostic]
    /// The canonical form; `text(_:)` is what `config` prints.
    public var canonical: Value
    /// Whether variables were replaced.
    public var isInterpolated: Bool
    /// Every profile that a service names, sorted.
    public var profiles: [String]
    /// The variables that the files name, sorted; the value is the default or the current value.
    public var variables: [Variable]
    /// Image → the place that names it, without a message: for what is found out later.
    public var imagePlaces: [String: Diagnostic] = [:]

    public struct Variable: Sendable, Hashable, Codable {
        public var name: String
        public var required: Bool
        public var defaultValue: String?
        public var alternateValue: String?

        public init(name: String, required: Bool = false, defaultValue: String? = nil, alternateValue: String? = nil) {
            self.name = name
            self.required = required
            self.defaultValue = defaultValue
            self.alternateValue = alternateValue
        }
    }
}

/// Everything that is wrong with the files; nothing was changed.
public struct LoadFailure: Error, Sendable {
    /// At least one error; warnings are among them.
    public var diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
