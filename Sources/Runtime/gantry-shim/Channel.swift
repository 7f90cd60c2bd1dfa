import CLinux
import EmbeddedLaunch

/// What the child of a launch tells its shim over a close-on-exec socket pair; the end of the stream means execve happened.
enum LaunchNews {
    case failed(LaunchFailure)
    case terminal(Int32)
    case pid(Int32)
    case executed
}

enum Channel {
    private static func packet(_ kind: UInt8, _ first: UInt32, _ second: UInt32) -> [UInt8] {
        var out: [UInt8] = [kind]
        for value in [first, second] {
            for shift in 0..<4 { out.append(UInt8(truncatingIfNeeded: value >> (UInt32(shift) * 8))) }
        }
        return out
    }

    static func send(_ socket: Int32, failure: LaunchFailure) {
        let bytes = packet(70, failure.step, UInt32(bitPattern: failure.errno))
        _ = gl_send_fds(socket, bytes, bytes.count, nil, 0)
    }

    static func send(_ socket: Int32, terminal: Int32) {
        let bytes = packet(84, 0, 0)
        var fd = terminal
        _ = gl_send_fds(socket, bytes, bytes.count, &fd, 1)
    }

    static func send(_ socket: Int32, pid: Int32) {
        let bytes = packet(80, UInt32(bitPattern: pid), 0)
        _ = gl_send_fds(socket, bytes, bytes.count, nil, 0)
    }

    static func receive(_ socket: Int32) -> LaunchNews {
        var bytes = [UInt8](repeating: 0, count: 16)
        var fds: [Int32] = [-1, -1, -1, -1]
        var count: Int32 = 0
        var size = gl_recv_fds(socket, &bytes, 16, &fds, &count)
        while size < 0 && gl_errno() == 4 { size = gl_recv_fds(socket, &bytes, 16, &fds, &count) }
        if size < 9 { return .executed }
        let first = word(bytes, 1)
        switch bytes[0] {
        case 70: return .failed(LaunchFailure(step: first, errno: Int32(bitPattern: word(bytes, 5))))
        case 84: return .terminal(count > 0 ? fds[0] : -1)
        default: return .pid(Int32(bitPattern: first))
        }
    }

    static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 where offset + index < bytes.count { value |= UInt32(bytes[offset + index]) << (UInt32(index) * 8) }
        return value
    }
}
