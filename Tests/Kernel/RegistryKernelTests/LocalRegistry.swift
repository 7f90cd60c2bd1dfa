import FoundationEssentials
import Glibc
import TestSupport

/// Debian's docker-registry on a loopback port, in a folder of its own; ended with this value.
final class LocalRegistry {
    let port: Int
    let scratch = Scratch("registry")
    private let command: Command

    static var isThere: Bool { Programs.has("docker-registry") && Programs.has("skopeo") }

    /// - Parameter login: wanted by the registry, with htpasswd(1).
    init(login: (user: String, secret: String)? = nil) throws {
        port = Port.free()
        var text = """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: \(scratch.path)/data}}
            http: {addr: "127.0.0.1:\(port)"}

            """
        if let login {
            let made = try Command.run("htpasswd", ["-Bbn", login.user, login.secret])
            try scratch.write("htpasswd", made.stdout)
            text += "auth: {htpasswd: {realm: test, path: \(scratch.path)/htpasswd}}\n"
        }
        try scratch.write("config.yml", text)
        command = try Command("docker-registry", ["serve", "\(scratch.path)/config.yml"])
        let port = port
        guard eventually(20, { HTTP.get(port, "/v2/") != nil }) else { throw Command.NotStarted(description: "docker-registry: \(command.stderr)") }
    }

    /// Pushes a docker archive with skopeo.
    func push(_ archive: String, as name: String, format: String = "v2s2", login: (user: String, secret: String)? = nil) throws {
        let credentials = login.map { ["--dest-creds", "\($0.user):\($0.secret)"] } ?? []
        let result = try Command.run(
            "skopeo", ["--insecure-policy", "copy", "-q", "--dest-tls-verify=false", "--format", format] + credentials + ["docker-archive:\(archive)", "docker://127.0.0.1:\(port)/\(name)"])
        guard result.succeeded else { throw Command.NotStarted(description: "skopeo: \(result)") }
    }

    func end() {
        command.signal(SIGTERM)
        _ = command.wait(20)
    }
}
