import API
import CLinux
import Glibc
import Linux

/// This program's own terminal or pipes, for `exec`.
final class Console: Sendable {
    /// What goes to the process.
    let input: AsyncStream<ExecFrame>
    private let continuation: AsyncStream<ExecFrame>.Continuation
    private let before: Termios?

    private struct Termios: @unchecked Sendable { var value: termios }

    /// - Parameters:
    ///   - terminal: pass every key on as it is; undone by `restore`.
    ///   - interactive: read standard input.
    init(terminal: Bool, interactive: Bool) {
        (input, continuation) = AsyncStream.makeStream(of: ExecFrame.self)
        var settings = termios()
        if terminal, tcgetattr(0, &settings) == 0 {
            before = Termios(value: settings)
            var raw = settings
            cfmakeraw(&raw)
            tcsetattr(0, TCSADRAIN, &raw)
            watchSize()
        } else {
            before = nil
        }
        if interactive { read() } else { continuation.yield(.stdinEnd) }
    }

    func restore() {
        guard var value = before?.value else { return }
        tcsetattr(0, TCSADRAIN, &value)
    }

    static var size: (rows: Int, columns: Int)? {
        var size = winsize()
        for fd: Int32 in [1, 0, 2] where ioctl(fd, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
            return (Int(size.ws_row), Int(size.ws_col))
        }
        return nil
    }

    private func read() {
        let continuation = continuation
        try? NamedThread.start("gantry-stdin") {
            while let bytes = try? File.readSome(0, count: 16384), !bytes.isEmpty { continuation.yield(.stdin(bytes)) }
            continuation.yield(.stdinEnd)
        }
    }

    private func watchSize() {
        let continuation = continuation
        _ = gl_sigmask_block([SIGWINCH], 1)
        try? NamedThread.start("gantry-size") {
            while true {
                var (sender, code): (Int32, Int32) = (0, 0)
                guard gl_sigwaitinfo([SIGWINCH], 1, &sender, &code) > 0 else { continue }
                if let size = Self.size { continuation.yield(.resize(rows: UInt16(clamping: size.rows), columns: UInt16(clamping: size.columns))) }
            }
        }
    }
}
