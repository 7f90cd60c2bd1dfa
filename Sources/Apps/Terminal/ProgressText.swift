import FoundationEssentials
import StackModel

/// A verb's progress: plain lines, JSON, or a block that is redrawn.
public enum ProgressText {
    /// ` Container web-1  Started`
    public static func plain(_ progress: Progress, style: Style) -> String {
        let text = " \(title(progress))  \(progress.status)"
        let detail = progress.phase == .failed || progress.phase == .warning ? progress.detail.map { ": \($0)" } ?? "" : ""
        return paint(text + detail, progress.phase, style) + "\n"
    }

    static func title(_ progress: Progress) -> String {
        let kind = progress.kind.rawValue
        return "\(kind.prefix(1).uppercased())\(kind.dropFirst()) \(Style.safe(progress.name))"
    }

    static func paint(_ text: String, _ phase: Progress.Phase, _ style: Style) -> String {
        switch phase {
        case .failed: style.paint(text, .red)
        case .warning: style.paint(text, .yellow)
        case .working, .done: text
        }
    }

    public static func json(_ progress: Progress) -> String {
        struct Line: Encodable {
            var id, status: String
            var text: String?
            var error: Bool?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(id: title(progress), status: progress.phase == .working ? "Working" : progress.phase == .failed ? "Error" : "Done", text: progress.status, error: progress.phase == .failed ? true : nil)
        return String(decoding: (try? encoder.encode(line)) ?? Data(), as: UTF8.self) + "\n"
    }
}

/// The live block of `up` and `down` on a terminal: a line for each thing, redrawn in place.
public struct ProgressBlock: Sendable {
    private struct Line: Sendable {
        var progress: Progress
        var startedAt: Timestamp
    }
    private var order: [String] = []
    private var lines: [String: Line] = [:]
    private var drawn = 0
    private let verb: String
    private let style: Style

    /// - Parameter verb: `Running`, as in `[+] Running 2/3`.
    public init(verb: String, style: Style) {
        self.verb = verb
        self.style = style
    }

    public mutating func take(_ progress: Progress) {
        let key = ProgressText.title(progress)
        if let line = lines[key] {
            lines[key] = Line(progress: progress, startedAt: line.progress.phase == .working ? line.startedAt : progress.at)
        } else {
            order.append(key)
            lines[key] = Line(progress: progress, startedAt: progress.at)
        }
    }

    /// The bytes that bring the screen from the last drawing to what is known now.
    public mutating func draw(now: Timestamp, width: Int, height: Int) -> String {
        guard !order.isEmpty else { return "" }
        let done = lines.values.count { $0.progress.phase != .working }
        var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
        let head = "[+] \(verb) \(done)/\(order.count)"
        text += (done == order.count ? style.paint(head, .blue) : head) + "\u{1B}[K\n"
        // What does not fit on the screen could not be redrawn: the newest lines are shown.
        let shown = order.suffix(max(1, height - 3))
        for key in shown { if let line = lines[key] { text += row(line, now, width) + "\u{1B}[K\n" } }
        drawn = shown.count + 1
        return text
    }

    /// `3100000/12000000` as people read sizes; other details as they are.
    private func readable(_ detail: String) -> String {
        let parts = detail.split(separator: "/").compactMap { Int($0) }
        return parts.count == 2 ? "\(Words.size(parts[0]))/\(Words.size(parts[1]))" : detail
    }

    private func row(_ line: Line, _ now: Timestamp, _ width: Int) -> String {
        let progress = line.progress
        let mark: String
        switch progress.phase {
        case .working: mark = style.paint(["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧"][(now.milliseconds / 100) % 8], .blue)
        case .done: mark = style.paint("✔", .green)
        case .warning: mark = style.paint("!", .yellow)
        case .failed: mark = style.paint("✘", .red)
        }
        let end = progress.phase == .working ? now : progress.at
        let time = Words.seconds((end - line.startedAt).value)
        let title = ProgressText.title(progress)
        let pad = max(1, min(60, width - 30) - title.count)
        let amount = progress.phase == .working ? progress.detail.map { " " + readable($0) } ?? "" : ""
        let status = progress.phase == .done ? style.paint(progress.status, .green) : ProgressText.paint(progress.status, progress.phase, style)
        let used = title.count + pad + progress.status.count + amount.count + time.count
        let gap = max(1, width - 5 - used)
        return " \(mark) \(title)\(String(repeating: " ", count: pad))\(status)\(amount)\(String(repeating: " ", count: gap))\(style.paint(time, .blue))"
    }
}
