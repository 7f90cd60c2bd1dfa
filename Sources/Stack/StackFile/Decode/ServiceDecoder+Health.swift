import StackModel
import YAML

extension ServiceDecoder {
    func healthcheck() -> Healthcheck? {
        guard let health = fields.fields("healthcheck") else { return nil }
        if health.bool("disable") == true { return Healthcheck(test: .none) }
        guard let test = test(health) else { return nil }
        if test == .none { return Healthcheck(test: .none) }
        return Healthcheck(
            test: test, interval: health.duration("interval"), timeout: health.duration("timeout"), retries: health.int("retries"),
            startPeriod: health.duration("start_period"), startInterval: health.duration("start_interval"))
    }

    private func test(_ health: Fields) -> Healthcheck.Test? {
        guard let node = health["test"] else { return .inherited }
        if let text = health.text("test") {
            if text == "NONE" {
                report.warning(
                    "\"NONE\" as text is a command; the check is switched off by a list", at: node.place, hint: "write [\"NONE\"]")
            }
            return text.isEmpty ? .inherited : .shell(text)
        }
        guard let items = node.sequence else { return nil }
        let words = Fields.texts(node)
        switch words.first {
        case nil: return .inherited
        case "NONE": return Healthcheck.Test.none
        case "CMD":
            guard words.count > 1 else {
                report.error("\"CMD\" is not followed by a command", at: node.place)
                return nil
            }
            return .command(Array(words.dropFirst()))
        case "CMD-SHELL":
            guard words.count > 1 else {
                report.error("\"CMD-SHELL\" is not followed by a command", at: node.place)
                return nil
            }
            if words.count > 2 {
                report.warning(
                    "the shell gets the words after the command as its arguments, not as part of it", at: items[2].place,
                    hint: "write one text")
            }
            return .shell(words[1])
        case let first?:
            report.error(
                "a health check starts with \"CMD\", \"CMD-SHELL\" or \"NONE\", not \"\(first)\"", at: items[0].place,
                hint: "write [\"CMD\", \"\(first)\", …] or the command as one text")
            return nil
        }
    }

    /// `deploy.restart_policy` goes before `restart`.
    func restart() -> RestartPolicy {
        var policy = RestartPolicy()
        if let text = fields["restart"]?.scalar.flatMap(Scalars.text) { policy = plainRestart(text) }
        guard let deploy = fields.fields("deploy")?.fields("restart_policy") else { return policy }
        let condition = deploy.text("condition") ?? "any"
        switch condition {
        case "none", "no": policy.condition = .no
        case "on-failure": policy.condition = .onFailure
        case "any", "always", "": policy.condition = .always
        case "unless-stopped": policy.condition = .unlessStopped
        default:
            let near = NearestName.find(condition, among: ["none", "on-failure", "any"])
            report.error(
                "\"\(condition)\" is not a condition of restarts", at: deploy.valuePlace(of: "condition"),
                hint: near.map { "did you mean \"\($0)\"?" } ?? "write none, on-failure or any")
        }
        policy.maxAttempts = deploy.int("max_attempts").flatMap { $0 == 0 ? nil : $0 }
        policy.delay = deploy.duration("delay")
        policy.window = deploy.duration("window")
        return policy
    }

    private func plainRestart(_ text: String) -> RestartPolicy {
        let place = fields.valuePlace(of: "restart")
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let condition = RestartPolicy.Condition(rawValue: halves[0]) {
            guard halves.count == 2 else { return RestartPolicy(condition: condition) }
            if condition == .onFailure, let attempts = Int(halves[1]), attempts >= 0 {
                return RestartPolicy(condition: condition, maxAttempts: attempts == 0 ? nil : attempts)
            }
            report.error("\"\(text)\" is not a restart policy", at: place, hint: "only on-failure takes a number: \"on-failure:5\"")
            return RestartPolicy()
        }
        if text.isEmpty { return RestartPolicy() }
        let near = NearestName.find(text, among: ["no", "always", "unless-stopped", "on-failure"])
        report.error(
            "\"\(text)\" is not a restart policy", at: place,
            hint: near.map { "did you mean \"\($0)\"?" } ?? "write no, always, unless-stopped or on-failure[:max]")
        return RestartPolicy()
    }
}
