import StackFile
import StackModel

/// Loads stack files given as text from the folder `/work/shop`.
func load(
    _ yaml: String, _ more: [String: String] = [:], environment: [String: String] = [:], files: [String] = [], profiles: [String] = [],
    services: [String] = [], adjust: (inout LoadRequest) -> Void = { _ in }
) throws(LoadFailure) -> LoadedStack {
    var contents = ["/work/shop/compose.yaml": yaml]
    for (name, text) in more { contents[name.hasPrefix("/") ? name : "/work/shop/" + name] = text }
    var request = LoadRequest(currentDirectory: "/work/shop", environment: environment, files: files)
    request.profiles = profiles
    request.services = services
    adjust(&request)
    return try StackLoader(files: GivenFiles(contents)).load(request)
}

/// The one service of a file, its attributes given as YAML with the indentation of an attribute removed.
func service(_ attributes: String, environment: [String: String] = [:], _ more: [String: String] = [:]) throws(LoadFailure) -> Service {
    let body = attributes.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n")
    let yaml = "services:\n  web:\n    image: app\n\(body)\nvolumes: {data: , logs: }\nnetworks: {front: , back: }\n"
    let loaded = try load(yaml, more, environment: environment)
    return loaded.stack.services["web"] ?? Service(name: "absent", image: "")
}

/// Every diagnostic of a file as `line:column severity: message | hint`, errors and warnings.
func problems(
    _ yaml: String, _ more: [String: String] = [:], environment: [String: String] = [:], adjust: (inout LoadRequest) -> Void = { _ in }
) -> [String] {
    do throws(LoadFailure) {
        return try load(yaml, more, environment: environment, adjust: adjust).diagnostics.map(line)
    } catch { return error.diagnostics.map(line) }
}

func line(_ diagnostic: Diagnostic) -> String {
    let file = diagnostic.mark.map { $0.file == "compose.yaml" ? "" : $0.file + ":" } ?? ""
    let place = diagnostic.mark.map { "\(file)\($0.line):\($0.column) " } ?? ""
    return "\(place)\(diagnostic.severity): \(diagnostic.message)" + (diagnostic.hint.map { " | \($0)" } ?? "")
}
