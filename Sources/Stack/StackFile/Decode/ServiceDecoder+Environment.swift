import StackModel
import YAML

extension ServiceDecoder {
    /// Files first, then `environment` over them; a key without a value comes from the caller, or goes.
    func decodeEnvironment(_ service: inout Service) {
        var environment: [String: String] = [:]
        for item in isActive ? fields.items("env_file") : [] { addFile(item, to: &environment) }
        if let node = fields["environment"], let mapping = Forms.pairs(node).mapping {
            for entry in mapping.entries { add(entry, to: &environment) }
        }
        service.environment = environment
    }

    private func add(_ entry: Entry, to environment: inout [String: String]) {
        guard let scalar = entry.value.scalar else { return }
        if entry.key.isEmpty || entry.key.contains(where: \.isWhitespace) {
            report.error(
                "\"\(entry.key)\" is not the name of a variable", at: entry.keyPlace, hint: "write \"KEY=value\" without spaces around \"=\"")
            return
        }
        guard let value = Scalars.text(scalar) else {
            environment[entry.key] = session.environment[entry.key]
            return
        }
        if scalar.style == .plain, value != scalar.text {
            report.warning(
                "\"\(scalar.text)\" is a number for YAML; the variable gets \"\(value)\"", at: entry.value.place,
                hint: "put it in quotes to keep it as it is")
        }
        environment[entry.key] = value
    }

    private func addFile(_ item: Node, to environment: inout [String: String]) {
        guard let path = item.scalar?.text ?? item["path"]?.scalar?.text, !path.isEmpty else { return }
        let place = item["path"]?.place ?? item.place
        let isRequired = item["required"]?.scalar.flatMap(Scalars.bool) ?? true
        let isRaw = item["format"]?.scalar?.text == "raw"
        guard let lines = variables(path, at: place, isRequired: isRequired, isRaw: isRaw, known: environment) else { return }
        for line in lines {
            if let value = line.value ?? session.environment[line.key] { environment[line.key] = value }
        }
    }

    private func variables(
        _ path: String, at place: Place, isRequired: Bool, isRaw: Bool, known: [String: String]
    ) -> [VariableFile.Line]? {
        guard let bytes = session.bytes(path, at: place) else {
            if isRequired, !report.hasErrors(at: place) {
                report.error(
                    "the variables file \"\(session.shown(path))\" does not exist", at: place,
                    hint: "make it, or write \"required: false\" if it may be missing")
            }
            return nil
        }
        let outer = session.environment
        return VariableFile.read(bytes, name: session.shown(path), report: report, budget: session.budget, isRaw: isRaw) { outer[$0] ?? known[$0] }
    }

    /// `label_file` first, then `labels` over it.
    func decodeLabels(_ service: inout Service) {
        var labels: [String: String] = [:]
        for item in isActive ? fields.items("label_file") : [] {
            guard let path = item.scalar?.text else { continue }
            for line in variables(path, at: item.place, isRequired: true, isRaw: false, known: [:]) ?? [] {
                labels[line.key] = line.value ?? ""
            }
        }
        for pair in fields.pairs("labels") {
            if pair.key.hasPrefix("com.docker.compose.") {
                report.error("the label \"\(pair.key)\" is reserved", at: pair.place, hint: "choose a prefix of your own")
            }
            labels[pair.key] = pair.value ?? ""
        }
        service.labels = labels
    }
}
