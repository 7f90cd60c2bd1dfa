import StackModel

/// Which files make the stack, and which folder it speaks of.
struct Discovery {
    let session: Session

    struct Found {
        /// Absolute, or `-`.
        var files: [String]
        var directory: String
    }

    static let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
    private static let overrides = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml",
    ]

    /// Also fills the session's environment from `.env` or `--env-file`.
    func run() -> Found? {
        let request = session.request
        let given = request.projectDirectory.map(session.absolute)
        var base = given ?? request.files.first.map(folder) ?? request.currentDirectory
        loadVariables(folder: base)
        var files = request.files
        if files.isEmpty, let list = session.environment["COMPOSE_FILE"], !list.isEmpty {
            let separator = session.environment["COMPOSE_PATH_SEPARATOR"] ?? ":"
            files = list.split(separator: separator.first ?? ":").map(String.init)
            base = given ?? files.first.map(folder) ?? base
        }
        if !files.isEmpty { return Found(files: files.map(session.absolute), directory: base) }
        guard let (folder, found) = search(from: given ?? request.currentDirectory) else {
            session.report.error(
                "no configuration file provided: no stack file in \"\(request.currentDirectory)\" or a folder above it", at: nil,
                hint: "write a compose.yaml, or name a file with -f")
            return nil
        }
        if folder != base, given == nil {
            session.environment = request.environment
            loadVariables(folder: folder)
        }
        return Found(files: found, directory: given ?? folder)
    }

    private func folder(_ file: String) -> String {
        file == "-" ? session.request.currentDirectory : Paths.parent(session.absolute(file))
    }

    private func search(from start: String) -> (folder: String, files: [String])? {
        var folder = start
        while true {
            let present = Self.names.map { join(folder, $0) }.filter(exists)
            if let file = present.first {
                if present.count > 1 {
                    session.report.warning("several stack files here; \"\(session.shown(file))\" is used", at: nil)
                }
                let override = Self.overrides.map { join(folder, $0) }.first(where: exists)
                return (folder, [file] + (override.map { [$0] } ?? []))
            }
            if folder == "/" { return nil }
            folder = Paths.parent(folder)
        }
    }

    private func join(_ folder: String, _ name: String) -> String { folder == "/" ? "/" + name : folder + "/" + name }

    /// A file that exists and cannot be read counts: the error about it comes when it is read.
    private func exists(_ path: String) -> Bool {
        do throws(UnreadableFile) { return try session.files.read(path) != nil } catch { return error.cause != "is a folder" }
    }

    private func loadVariables(folder: String) {
        var named = session.request.environmentFiles
        if named.isEmpty, let list = session.environment["COMPOSE_ENV_FILES"] { named = list.split(separator: ",").map(String.init) }
        var fromFiles = session.request.environment
        if named.isEmpty {
            if let flag = session.environment["COMPOSE_DISABLE_ENV_FILE"], ["1", "true"].contains(flag.lowercased()) { return }
            session.addVariables(from: join(folder, ".env"), isNeeded: false, to: &fromFiles)
        }
        for path in named { session.addVariables(from: session.absolute(path), isNeeded: true, to: &fromFiles) }
        session.environment = fromFiles.merging(session.request.environment) { $1 }
    }
}
