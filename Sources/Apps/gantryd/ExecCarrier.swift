import API
import Engine
import Glibc
import Linux
import StackModel
import Synchronization

/// Carries the streams of a process in a container over both bodies of one request.
struct ExecCarrier: Sendable {
    let engine: Engine

    func carry(_ call: Call, _ body: Body) async throws {
        var reader = ExecFrameReader()
        var frames: [ExecFrame] = []
        while frames.isEmpty, let piece = try await body.next() { frames = try reader.add(piece) }
        guard case .start(let bytes)? = frames.first else { throw Failure(code: .invalid, what: "exec", cause: "the request does not begin with what to run") }
        let request = try Wire.decode(ExecStart.self, bytes)
        let handle = try await engine.exec(request)
        try await call.writer.begin(type: "application/x-gantry-exec")
        if request.detach {
            try await call.writer.write(ExecFrame.exit(0).encoded)
            return try await call.writer.end()
        }
        let output = OutputPump(handle)
        let input = InputPump(handle)
        await input.take(Array(frames.dropFirst()))
        // The client's part ends with the process, not the other way round: reading it is cancelled then.
        let feeding = Task { [reader, body = Unchecked(body)] in
            var reader = reader
            while !Task.isCancelled, let piece = try await body.value.next() { await input.take(try reader.add(piece)) }
            await input.end()
        }
        defer { feeding.cancel() }
        for await frame in output.frames {
            try await call.writer.write(frame.encoded)
            output.sent(frame)
        }
        do {
            try await call.writer.write(ExecFrame.exit(try await handle.wait()).encoded)
        } catch let failure as Failure {
            try await call.writer.write(ExecFrame.failure(try Wire.encode(failure)).encoded)
        }
        try await call.writer.end()
    }
}

/// One task at a time has it.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Reads a process's output on threads of its own; a client that does not take it makes the process wait.
final class OutputPump: Sendable {
    let frames: AsyncStream<ExecFrame>
    private let continuation: AsyncStream<ExecFrame>.Continuation
    private let pending = Atomic<Int>(0)
    private let open: Atomic<Int>
    private static let most = 1 << 20

    init(_ handle: ExecHandle) {
        (frames, continuation) = AsyncStream.makeStream(of: ExecFrame.self)
        let sources: [(Int32, Bool)] = handle.terminal.map { [($0, false)] } ?? [handle.stdout.map { ($0, false) }, handle.stderr.map { ($0, true) }].compactMap { $0 }
        open = Atomic(sources.count)
        if sources.isEmpty { continuation.finish() }
        for (fd, isError) in sources {
            do {
                try NamedThread.start("gantry-exec-out") { [self] in
                    withExtendedLifetime(handle) { read(fd, isError) }
                    ended()
                }
            } catch { ended() }
        }
    }

    private func ended() { if open.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { continuation.finish() } }

    private func read(_ fd: Int32, _ isError: Bool) {
        guard let epoll = try? Epoll(), (try? epoll.add(fd, .readable, tag: 0)) != nil else { return }
        while true {
            while pending.load(ordering: .relaxed) > Self.most { Clock.sleep(milliseconds: 1) }
            _ = epoll.wait(timeout: -1)
            do throws(SyscallError) {
                let bytes = try File.readSome(fd, count: 32768)
                if bytes.isEmpty { return }
                pending.add(bytes.count, ordering: .relaxed)
                if case .terminated = continuation.yield(isError ? .stderr(bytes) : .stdout(bytes)) { return }
            } catch {
                // A terminal whose other side is gone says EIO.
                if error.name != "EAGAIN" { return }
            }
        }
    }

    func sent(_ frame: ExecFrame) {
        switch frame {
        case .stdout(let bytes), .stderr(let bytes): pending.subtract(bytes.count, ordering: .relaxed)
        default: break
        }
    }
}

/// Writes what the client sends to the process.
struct InputPump: Sendable {
    let handle: ExecHandle

    init(_ handle: ExecHandle) {
        self.handle = handle
        if let fd = handle.terminal ?? handle.stdin { _ = fcntl(fd, F_SETFL, O_NONBLOCK) }
    }

    func take(_ frames: [ExecFrame]) async {
        for frame in frames {
            switch frame {
            case .stdin(let bytes): await write(bytes)
            case .stdinEnd: await end()
            case .resize(let rows, let columns): handle.resize(rows: Int(rows), columns: Int(columns))
            default: break
            }
        }
    }

    /// No more input: a pipe is closed, a terminal gets an end of file.
    func end() async { if handle.terminal == nil { handle.closeStdin() } else { await write([4]) } }

    private func write(_ bytes: [UInt8]) async {
        guard let fd = handle.terminal ?? handle.stdin else { return }
        var rest = bytes[...]
        while !rest.isEmpty, fd >= 0 {
            let count = rest.withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                do { try await Task.sleep(for: .milliseconds(2)) } catch { return }
            } else {
                return
            }
        }
    }
}
