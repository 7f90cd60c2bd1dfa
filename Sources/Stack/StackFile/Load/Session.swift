import StackModel
import YAML

/// What one load knows: the request, the variables, and what has been read so far.
final class Session {
    let request: LoadRequest
    let files: any FileAccess
    let report = Report()
    let budget = Budget()
    let ledger: VariableLedger
    var environment: [String: String]
    /// Trees by file and folder: a file that a thousand services extend is read once.
    var trees: [String: Node] = [:]
    var filesRead: [String] = []
    /// Profiles that the command line and the environment name, and those of named services.
    var activeProfiles: Set<String> = []
    /// Services whose base could not be found; what they lack is no further problem.
    var incomplete: Set<String> = []
    /// Service → where its image is named.
    var imagePlaces: [String: Place] = [:]

    init(request: LoadRequest, files: any FileAccess) {
        self.request = request
        self.files = files
        environment = request.environment
        ledger = VariableLedger(budget: budget)
    }

    var home: String? { request.environment["HOME"] }

    func isActive(_ profiles: [String]) -> Bool {
        profiles.isEmpty || activeProfiles.contains("*") || !activeProfiles.isDisjoint(with: profiles)
    }

    func shown(_ path: String) -> String { Paths.shown(path, from: request.currentDirectory) }

    func absolute(_ path: String) -> String {
        path == "-" ? "-" : Paths.resolve(path, against: request.currentDirectory, home: nil)
    }

    /// The bytes of a file; a problem is reported at `place` and gives `nil`, as does a missing file.
    func bytes(_ path: String, at place: Place?) -> [UInt8]? {
        if isRemote(path) {
            reportRemote(at: place)
            return nil
        }
        do throws(UnreadableFile) {
            guard let bytes = try files.read(path) else { return nil }
            return isWithin(place) { () throws(Complaint) in try budget.take(bytes: bytes.count) } ? bytes : nil
        } catch {
            report.error("cannot read \"\(shown(path))\": it \(phrase(error.cause))", at: place)
            return nil
        }
    }

    /// An address such as `oci://…` or `https://…`, which became a path below a folder by now.
    func isRemote(_ path: String) -> Bool {
        path.split(separator: "/").contains { ["oci:", "https:", "http:", "git:", "ssh:"].contains($0) }
    }

    func reportRemote(at place: Place?) {
        report.error("files from elsewhere are not served yet", at: place, hint: "fetch it and name the local copy")
    }

    private func phrase(_ cause: String) -> String { cause.hasPrefix("is ") ? cause : "cannot be opened (\(cause))" }

    /// Whether the budget still allows something; if not, it is reported at `place`.
    func isWithin(_ place: Place?, _ take: () throws(Complaint) -> Void) -> Bool {
        do throws(Complaint) {
            try take()
            return true
        } catch {
            report.error(error, at: place)
            return false
        }
    }

    /// A file as a tree, as it stands there: nothing replaced, nothing merged.
    func parse(_ path: String, bytes: [UInt8]) -> Node? {
        let outcome = Reader.read(bytes, name: path == "-" ? "(standard input)" : shown(path))
        for flaw in outcome.flaws { report.add(flaw) }
        if outcome.root == nil, outcome.flaws.isEmpty {
            report.error("the file is empty", at: Place(source: outcome.source, line: 1, column: 1), hint: "a stack file has at least \"services:\"")
        }
        return outcome.root
    }

    /// Variables of `--env-file` or `.env`; the caller's environment goes before them.
    func addVariables(from path: String, isNeeded: Bool, to environment: inout [String: String]) {
        guard let bytes = bytes(path, at: nil) else {
            if isNeeded { report.error("the variables file \"\(shown(path))\" does not exist", at: nil) }
            return
        }
        let caller = environment
        let lines = VariableFile.read(bytes, name: shown(path), report: report, budget: budget) { caller[$0] }
        for line in lines {
            guard let value = line.value else { continue }
            environment[line.key] = value
        }
    }
}
