import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// An engine of one scenario's own: its state, run files, project folder, and the image that its stacks use.
final class GantryHost {
    let scratch: Scratch
    var root: String { "\(scratch.path)/root" }
    var run: String { "\(scratch.path)/run" }
    var folder: String { "\(scratch.path)/p" }
    private(set) var engine = ""

    /// Starts the daemon and loads the image `gantry-hello:1`.
    init(_ name: String) throws {
        scratch = Scratch(name)
        mkdir(folder, 0o755)
        do {
            try must("image", "load", inputFile: try Self.archive.get())
            engine = try info("engine")
        } catch {
            end()
            throw error
        }
    }

    private static let kept = Scratch("image")
    private static let archive = Result {
        try TestImage.busybox("gantry-hello:1", at: "\(kept.path)/hello.tar")
        return "\(kept.path)/hello.tar"
    }

    /// Runs gantry in the project folder.
    @discardableResult
    func gantry(
        _ arguments: String..., environment: [String: String] = [:], in folder: String? = nil, input: String? = nil, inputFile: String? = nil,
        timeout: Double = 120
    ) throws -> Command.Result {
        try Command.run(
            Programs.gantry, ["--root", root, "--run", run] + arguments, environment: environment, folder: folder ?? self.folder,
            input: input.map { Array($0.utf8) }, inputFile: inputFile, timeout: timeout)
    }

    /// Runs gantry and records an issue with all its output unless it succeeds.
    @discardableResult
    func must(
        _ arguments: String..., environment: [String: String] = [:], in folder: String? = nil, input: String? = nil, inputFile: String? = nil,
        timeout: Double = 120, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Command.Result {
        let result = try Command.run(
            Programs.gantry, ["--root", root, "--run", run] + arguments, environment: environment, folder: folder ?? self.folder,
            input: input.map { Array($0.utf8) }, inputFile: inputFile, timeout: timeout)
        #expect(result.succeeded, "gantry \(arguments.joined(separator: " ")): \(result)", sourceLocation: sourceLocation)
        return result
    }

    /// Starts gantry and does not wait.
    func start(_ arguments: String...) throws -> Command {
        try Command(Programs.gantry, ["--root", root, "--run", run] + arguments, folder: folder)
    }

    func stackFile(_ text: String) throws { try scratch.write("p/compose.yaml", text) }

    func info(_ key: String) throws -> String {
        let text = try must("system", "info", "--format", "json").stdout
        let values = try JSONDecoder().decode([String: Loose].self, from: Data(text.utf8))
        return try #require(values[key]?.text, "system info has no \"\(key)\": \(text)")
    }

    func snapshot() -> HostSnapshot { HostSnapshot(root: root, run: run, engine: engine) }

    /// Whether the host is as it was before; some things (links, namespaces) the kernel takes away a moment later.
    func expectSame(as before: HostSnapshot, sourceLocation: SourceLocation = #_sourceLocation) {
        let ignored = { (item: String) in item.contains("process") && item.contains("gantryd") }
        let isSame = eventually(20) { self.snapshot().difference(from: before, ignoring: ignored).isEmpty }
        #expect(isSame, "left behind:\n\(snapshot().difference(from: before, ignoring: ignored))", sourceLocation: sourceLocation)
    }

    /// Takes every stack down and ends the daemon; whatever still runs after that is ended by force and recorded.
    func end(sourceLocation: SourceLocation = #_sourceLocation) {
        let result = try? gantry("system", "stop", "--all", timeout: 60)
        #expect(result?.succeeded == true, "system stop --all: \(result.map(\.description) ?? "")", sourceLocation: sourceLocation)
        guard !engine.isEmpty else { return }
        let isEmpty = eventually(20) { self.snapshot().items.allSatisfy(Self.mayStay) }
        #expect(isEmpty, "left after the end:\n\(snapshot().items.filter { !Self.mayStay($0) }.sorted().joined(separator: "\n"))", sourceLocation: sourceLocation)
        if !isEmpty { sweep() }
    }

    /// Files under the root are the engine's memory (named volumes stay); the kernel's things must go.
    private static func mayStay(_ item: String) -> Bool { item.hasPrefix("file ") }

    private func sweep() {
        for item in snapshot().items {
            let words = item.split(separator: " ").map(String.init)
            guard words.count > 1 else { continue }
            switch words[0] {
            case "process": if let pid = Int32(words[1]) { kill(pid, SIGKILL) }
            case "mount": umount2(words[1], 2 /* MNT_DETACH */)
            case "link": _ = try? Command.run("ip", ["link", "delete", words[1]])
            case "nft": _ = try? Command.run("nft", ["delete"] + words.dropFirst())
            default: break
            }
        }
        for item in snapshot().items.sorted().reversed() where item.hasPrefix("cgroup ") { rmdir(String(item.dropFirst(7))) }
    }
}

/// A JSON value of which only the text matters.
struct Loose: Decodable {
    let text: String?
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) { self.text = text } else { text = (try? value.decode(Int.self)).map(String.init) }
    }
}
