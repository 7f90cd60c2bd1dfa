import FoundationEssentials
import Glibc
import StackFile
import StackModel
import Testing

/// The folder of the project this file belongs to, links resolved.
enum Project {
    static let root: String = {
        guard let real = realpath(#filePath, nil) else { return "" }
        defer { free(real) }
        var path = String(cString: real)
        for _ in 0..<4 { path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
        return path
    }()
    static var cases: String { root + "/Tests/Pure/StackFileCases" }
    /// `GANTRY_REGENERATE=1` writes goldens instead of comparing; the difference is then for a person to read.
    static var regenerates: Bool { getenv("GANTRY_REGENERATE").map { String(cString: $0) } == "1" }

    static func list(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    static func compare(_ text: String, with path: String) throws {
        if regenerates {
            try Data(text.utf8).write(to: URL(filePath: path))
            return
        }
        let golden = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        #expect(text == golden, "\(path): differs; run with GANTRY_REGENERATE=1 and read the difference")
    }
}

private func load(_ folder: String, file: String? = nil) -> (text: String, json: String?) {
    var request = LoadRequest(currentDirectory: folder, environment: ["HOME": "/home/me"])
    request.files = file.map { [$0] } ?? []
    if file != nil { request.projectName = "broken" }
    do throws(LoadFailure) {
        let loaded = try StackLoader().load(request)
        let warnings = loaded.diagnostics.isEmpty ? "" : DiagnosticText.render(loaded.diagnostics) + "\n"
        let canonical = loaded.text(.yaml).replacing(folder, with: "/here")
        return (warnings + "---\n" + canonical, loaded.text(.json).replacing(folder, with: "/here") + "\n")
    } catch { return (DiagnosticText.render(error.diagnostics).replacing(folder, with: "/here") + "\n", nil) }
}

@Test(arguments: Project.list(Project.cases + "/good"))
func `a stack that people write loads as its golden says`(_ name: String) throws {
    let folder = "\(Project.cases)/good/\(name)"
    let (text, json) = load(folder)
    try Project.compare(text, with: folder + "/expected.txt")
    let written = try #require(json, "\(name) has errors")
    try Project.compare(written, with: folder + "/expected.json")
}

@Test(arguments: Project.list(Project.cases + "/good"))
func `the canonical form means the same as what it was made of`(_ name: String) throws {
    let folder = "\(Project.cases)/good/\(name)"
    let first = try StackLoader().load(LoadRequest(currentDirectory: folder))
    let again = first.text(.yaml)
    let files = GivenFiles(["\(folder)/compose.yaml": again])
    var request = LoadRequest(currentDirectory: folder, environment: ["TOKEN": "abc"])
    request.projectName = first.stack.name
    var second = try StackLoader(files: files).load(request).stack
    second.files = first.stack.files
    for name in first.stack.services.keys {
        guard let one = first.stack.services[name], let other = second.services[name] else { continue }
        let changes = Difference.recreating(from: one, to: other) + Difference.steering(from: one, to: other)
        #expect(changes.map(\.sentence) == [], "\(name)")
    }
    let isSame = first.stack == second
    #expect(isSame)
}

/// The command line hands a stack to the daemon as JSON: what arrives must be equal, or every `up` would see a change.
@Test(arguments: Project.list(Project.cases + "/good"))
func `a stack survives the way through JSON`(_ name: String) throws {
    let stack = try StackLoader().load(LoadRequest(currentDirectory: "\(Project.cases)/good/\(name)")).stack
    let again = try JSONDecoder().decode(Stack.self, from: JSONEncoder().encode(stack))
    let isSame = again == stack
    #expect(isSame)
}

@Test(arguments: Project.list(Project.cases + "/broken").filter { $0.hasSuffix(".yaml") })
func `a broken stack file gets positioned errors`(_ name: String) throws {
    let (text, json) = load(Project.cases + "/broken", file: name)
    #expect(json == nil, "\(name) loads")
    #expect(text.contains("\(name):") && text.contains("error:"), "\(name)")
    try Project.compare(text, with: "\(Project.cases)/broken/\(name.dropLast(5)).txt")
}

@Test func `the goldens are there`() {
    #expect(Project.list(Project.cases + "/good").count >= 6)
    #expect(Project.list(Project.cases + "/broken").count >= 40 || Project.regenerates)
}

/// Files as people publish them: they load, and every warning about them is one that a person has read.
@Test(arguments: Project.list(Project.cases + "/samples").filter { $0.hasSuffix(".yaml") })
func `a published file loads without change`(_ name: String) throws {
    let folder = Project.cases + "/samples"
    var request = LoadRequest(currentDirectory: folder, environment: [:], files: [name])
    request.projectName = "sample"
    let loaded = try StackLoader().load(request)
    let warnings = loaded.diagnostics.map { line($0) + "\n" }.joined()
    try Project.compare(warnings, with: "\(folder)/\(name.dropLast(5)).txt")
}
