import ArgumentParser
import Glibc
import Linux
import StackModel

struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fetch the images of services from their registries.")
    @Flag(help: "Go on when an image cannot be had.") var ignorePullFailures = false
    @Flag(name: [.customShort("q"), .long], help: "Print nothing.") var quiet = false
    @Argument(help: "All when none is named.") var services: [String] = []

    mutating func run() async throws {
        let context = Context.current
        let stack = try context.load(services: services).stack
        try context.check(services, in: stack)
        let images = stack.services.values.filter { services.isEmpty || services.contains($0.name) }.map(\.image)
        do {
            try await Pulling.run(Set(images).sorted(), context, quiet: quiet)
        } catch is Silent where ignorePullFailures {}
    }
}

enum Pulling {
    static func run(_ images: [String], _ context: Context, quiet: Bool) async throws {
        var context = context
        if quiet { context = context.with(progress: "quiet") }
        let logins = DockerConfig(environment: context.environment).logins(images.map(ImageDomain.of))
        try await ProgressView(context: context, verb: "Pulling").show(try await context.daemon().pull(PullRequest(images: images, logins: logins)))
    }
}

struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Log in to a registry.", discussion: "Kept where docker keeps it: ~/.docker/config.json.")
    @Option(name: [.customShort("u"), .long]) var username: String?
    @Flag(help: "Read the password from standard input.") var passwordStdin = false
    @Argument(help: "docker.io when none is named.") var registry = "docker.io"

    mutating func run() async throws {
        let context = Context.current
        guard let user = username ?? Self.ask("Username: ", isSecret: false), !user.isEmpty else { throw Failure(code: .invalid, what: "login needs a user", hint: "give it with -u") }
        let secret: String
        if passwordStdin {
            secret = String(decoding: try File.readAll(fd: 0, limit: 1 << 16), as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        } else {
            secret = Self.ask("Password: ", isSecret: true) ?? ""
        }
        let login = RegistryLogin(user: user, secret: secret)
        try await context.daemon().check(LoginCheck(domain: registry, login: login))
        try DockerConfig(environment: context.environment).set(login, for: registry)
        Output.out("Login Succeeded\n")
    }

    private static func ask(_ text: String, isSecret: Bool) -> String? {
        guard isatty(0) == 1 else { return nil }
        Output.error(text)
        var before = termios()
        tcgetattr(0, &before)
        if isSecret {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(0, TCSADRAIN, &silent)
        }
        let line = readLine()
        if isSecret {
            tcsetattr(0, TCSADRAIN, &before)
            Output.error("\n")
        }
        return line
    }
}

struct Logout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget the login of a registry.")
    @Argument(help: "docker.io when none is named.") var registry = "docker.io"
    mutating func run() async throws {
        try DockerConfig(environment: Context.current.environment).set(nil, for: registry)
        Output.out("Removing login credentials for \(registry)\n")
    }
}
