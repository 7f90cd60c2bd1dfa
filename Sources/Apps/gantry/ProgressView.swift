import Glibc
import StackFile
import StackModel
import Terminal

/// Shows a verb's stream on standard error and gives its result.
struct ProgressView {
    let context: Context
    /// `Running`, `Stopping`…
    let verb: String
    /// Image → where the stack file names it.
    var places: [String: Diagnostic] = [:]

    private enum Mode { case block, plain, json, quiet }
    private var mode: Mode {
        switch context.options.progress ?? context.environment["COMPOSE_PROGRESS"] ?? "auto" {
        case "plain": .plain
        case "json": .json
        case "quiet": .quiet
        case "tty": .block
        default: isatty(2) == 1 && context.environment["TERM"] != "dumb" ? .block : .plain
        }
    }

    /// - Throws: `Silent` when it failed; the errors were printed.
    func show(_ items: Daemon.Items) async throws {
        let style = context.style(2)
        let result = mode == .block ? try await block(items, style) : try await lines(items, style)
        for note in result.notes { context.warn(note) }
        for failure in result.errors { Output.error(text(failure, style)) }
        if !result.ok { throw Silent(status: 1) }
    }

    /// With its place in the stack file, where it has one.
    private func text(_ failure: Failure, _ style: Style) -> String {
        let named = places.keys.filter { failure.what.contains($0) }.max { $0.count < $1.count }
        guard failure.code == .imageMissing, var diagnostic = named.flatMap({ places[$0] }) else { return ErrorText.render(failure, style: style) }
        diagnostic.message = failure.what + (failure.cause.map { ": \($0)" } ?? "")
        diagnostic.hint = failure.hint
        return DiagnosticText.render(diagnostic, colour: style.isColoured) + "\n"
    }

    private func lines(_ items: Daemon.Items, _ style: Style) async throws -> VerbResult {
        var said = Set<String>()
        for try await item in items {
            switch item {
            case .progress(let progress):
                // The amounts of a download are for a screen that can be redrawn.
                guard said.insert("\(progress.kind) \(progress.name) \(progress.status)").inserted else { continue }
                if mode == .plain { Output.error(ProgressText.plain(progress, style: style)) }
                if mode == .json { Output.error(ProgressText.json(progress)) }
            case .result(let result): return result
            }
        }
        throw Self.lost
    }

    private static let lost = Failure(code: .runtime, what: "gantryd ended before the work was done", hint: "run the command again: it goes on where it was")

    private func block(_ items: Daemon.Items, _ style: Style) async throws -> VerbResult {
        let screen = Screen(ProgressBlock(verb: verb, style: style), context: context)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(100))
                    await screen.draw()
                }
            }
            defer { group.cancelAll() }
            for try await item in items {
                switch item {
                case .progress(let progress): await screen.take(progress)
                case .result(let result):
                    await screen.draw()
                    return result
                }
            }
            throw Self.lost
        }
    }
}

private actor Screen {
    private var block: ProgressBlock
    private let context: Context
    init(_ block: ProgressBlock, context: Context) {
        self.block = block
        self.context = context
    }

    func take(_ progress: Progress) {
        block.take(progress)
        draw()
    }

    func draw() {
        let size = Console.size ?? (rows: 24, columns: 80)
        Output.error(block.draw(now: context.now, width: size.columns, height: size.rows))
    }
}
