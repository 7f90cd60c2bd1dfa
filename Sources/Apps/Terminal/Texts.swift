import FoundationEssentials
import Planner
import StackModel

/// Lines of container output with whose they are.
public struct LogPrefix: Sendable {
    private var colours: [String: Style.Colour] = [:]
    private var width: Int
    private let style: Style
    private static let wheel: [Style.Colour] = [.cyan, .yellow, .green, .magenta, .blue]

    public init(style: Style, names: [String] = []) {
        self.style = style
        width = names.map(\.count).max() ?? 0
        for name in names { _ = colour(name) }
    }

    private mutating func colour(_ name: String) -> Style.Colour {
        if let there = colours[name] { return there }
        let colour = Self.wheel[colours.count % Self.wheel.count]
        colours[name] = colour
        return colour
    }

    /// `web-1  | text`. Control characters of the container's are its own affair, as with docker.
    public mutating func line(_ line: LogLine, stack: String, prefix: Bool, timestamps: Bool) -> String {
        var text = timestamps ? "\(line.time) \(line.text)" : line.text
        text += "\n"
        guard prefix else { return text }
        let name = Self.short(line.container, stack)
        width = max(width, name.count)
        let padded = name + String(repeating: " ", count: width - name.count)
        return style.paint("\(padded)  | ", colour(name)) + text
    }

    /// Without the stack's name in front, as compose shows it.
    public static func short(_ container: String, _ stack: String) -> String {
        container.hasPrefix("\(stack)-") ? String(container.dropFirst(stack.count + 1)) : container
    }
}

public enum ErrorText {
    /// A failure with its cause and what helps, a line each.
    public static func render(_ failure: Failure, style: Style) -> String {
        var text = style.paint("error", .red) + ": \(failure.what)"
        if let cause = failure.cause { text += ": \(cause)" }
        text += "\n"
        if let hint = failure.hint { text += "  " + style.paint("hint", .cyan) + ": \(hint)\n" }
        return text
    }

    public static func warning(_ text: String, style: Style) -> String { style.paint("warning", .yellow) + ": \(text)\n" }
}

public enum PlanLines {
    /// What would be done and why: `+` made, `-` removed, `~` changed.
    public static func render(_ plan: Plan, style: Style) -> String {
        var text = ""
        for step in plan.steps {
            guard let (sign, colour, words) = line(step.action) else { continue }
            let risk = step.risk == .losesData ? " " + style.paint("(its data is lost)", .red) : ""
            text += "\(style.paint(sign, colour)) \(words): \(step.because.sentence)\(risk)\n"
        }
        for note in plan.notes {
            switch note.kind {
            case .error: text += ErrorText.render(Failure(code: .invalid, what: note.subject, cause: note.text, hint: note.hint), style: style)
            case .warning: text += ErrorText.warning("\(note.subject): \(note.text)", style: style)
            case .waiting: text += "  \(note.subject): \(note.text)\n"
            }
        }
        let made = plan.steps.count { if case .createContainer = $0.action { true } else { false } }
        let gone = plan.steps.count { if case .removeContainer = $0.action { true } else { false } }
        if plan.isEmpty { return text + "Nothing to do: the stack is as it is declared.\n" }
        return text + "\nPlan: \(plan.steps.count) steps, \(made) containers to make, \(gone) to remove.\n"
    }

    private static func line(_ action: Action) -> (String, Style.Colour, String)? {
        switch action {
        case .createNetwork(let name, _): ("+", .green, "create network \(name)")
        case .removeNetwork(let name): ("-", .red, "remove network \(name)")
        case .repairNetwork(let name): ("~", .yellow, "repair network \(name)")
        case .createVolume(let name, _): ("+", .green, "create volume \(name)")
        case .removeVolume(let name): ("-", .red, "remove volume \(name)")
        case .createContainer(_, _, let name): ("+", .green, "create container \(name)")
        case .startContainer(_, let name, _): ("+", .green, "start container \(name)")
        case .stopContainer(_, let name, _): ("-", .red, "stop container \(name)")
        case .killContainer(_, let name): ("-", .red, "kill container \(name)")
        case .removeContainer(_, let name, _): ("-", .red, "remove container \(name)")
        case .repairContainer(_, let name): ("~", .yellow, "repair container \(name)")
        case .waitHealthy(_, let name, _): (" ", .blue, "wait until \(name) is healthy")
        case .waitCompleted(_, let name, _): (" ", .blue, "wait until \(name) has ended")
        case .updateRecord(_, let name, _): ("~", .yellow, "update \(name) without touching it")
        }
    }
}

public enum ListText {
    public static func stacks(_ stacks: [StackSummary]) -> String {
        Table.render(["NAME", "STATUS", "CONFIG FILES"], stacks.map { [$0.name, $0.status, $0.files.joined(separator: ",")] })
    }

    public static func images(_ images: [ImageSummary]) -> String {
        var rows: [[String]] = []
        for image in images {
            let id = String(image.id.split(separator: ":").last?.prefix(12) ?? "")
            for name in image.names.isEmpty ? ["<none>:<none>"] : image.names {
                let cut = name.lastIndex(of: ":") ?? name.endIndex
                let tag = cut < name.endIndex ? String(name[name.index(after: cut)...]) : ""
                rows.append([String(name[..<cut]), tag, id, Words.size(image.size)])
            }
        }
        return Table.render(["REPOSITORY", "TAG", "IMAGE ID", "SIZE"], rows)
    }

    public static func event(_ event: StackEvent) -> String {
        let attributes = event.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        return Style.safe("\(Words.time(event.at)) \(event.type) \(event.action) \(event.id)\(attributes.isEmpty ? "" : " (\(attributes))")") + "\n"
    }
}
