import Linux
import Synchronization

/// Host ports: taken before anything else of a container's connection, so that a taken one is an error without traces.
extension NetworkRuntime {
    /// Takes a host port: the one that is asked for, the first free of a range, or any.
    func hold(_ port: PublishedPort, _ attachment: Attachment) throws(NetworkError) -> PublishedPort {
        guard let target = attachment.target else { return port }
        let candidates = candidates(port)
        var last: NetworkError?
        for number in candidates {
            var chosen = port
            chosen.hostPort = number
            chosen.hostPortEnd = nil
            if let holder = state.withLock({ $0.holder(of: number, port.proto, at: port.hostIP) }), holder != attachment.container {
                last = NetworkError(.inUse, "port \(number)/\(port.proto.rawValue)", cause: "container \(holder) has it")
                continue
            }
            do throws(SyscallError) {
                try hold(
                    .init(
                        container: attachment.container, hostIP: port.hostIP, hostPort: number, proto: port.proto, target: target,
                        targetPort: port.containerPort))
                state.withLock { $0.layout.attachments[attachment.container]?.ports.append(chosen) }
                return chosen
            } catch {
                last = NetworkError(
                    .inUse, "port \(number)/\(port.proto.rawValue)", cause: Self.cause(error, number, port), hint: "end that program, or publish another port")
            }
        }
        throw last ?? NetworkError(.exhausted, "port \(port.containerPort)", cause: "no host port is free")
    }

    /// A port that was let go a moment ago may still be ours: the relay's thread closes it soon.
    func hold(_ port: Relay.Port) throws(SyscallError) {
        let limit = Clock.monotonicNanoseconds + 300_000_000
        while Clock.monotonicNanoseconds < limit {
            do throws(SyscallError) {
                return try relay.hold(port)
            } catch {
                guard error.name == "EADDRINUSE", isOurs(port) else { throw error }
                Clock.sleep(milliseconds: 1)
            }
        }
        try relay.hold(port)
    }

    private func isOurs(_ port: Relay.Port) -> Bool {
        guard case .process(let pid, _)? = PortHolder.find(port.hostPort, port.proto, at: port.hostIP.flatMap { IPv4($0) }) else { return false }
        return pid == Host.ownPid
    }

    private static func cause(_ error: SyscallError, _ number: Int, _ port: PublishedPort) -> String {
        guard case .process(let pid, let name)? = PortHolder.find(number, port.proto, at: port.hostIP.flatMap { IPv4($0) }) else { return error.sentence }
        return "\(name) (pid \(pid)) has it"
    }

    private func candidates(_ port: PublishedPort) -> [Int] {
        if port.hostPort > 0 { return Array(port.hostPort...max(port.hostPort, port.hostPortEnd ?? port.hostPort)) }
        let taken = PortHolder.taken(port.proto)
        return (0..<64).map { _ in Int.random(in: 32768...60999) }.filter { !taken.contains($0) }
    }

    /// Host ports that cannot be had, with their holders. Nothing is changed.
    /// - Parameter ignoring: containers whose ports are about to be free.
    public func portConflicts(_ ports: [PublishedPort], ignoring: Set<String>) -> [PortConflict] {
        ports.compactMap { port in
            guard port.hostPort > 0 else { return nil }
            let numbers = port.hostPort...max(port.hostPort, port.hostPortEnd ?? port.hostPort)
            var found: PortConflict?
            for number in numbers {
                guard let holder = holder(of: number, port, ignoring) else { return nil }
                found = PortConflict(port: port, holder: holder)
            }
            return found
        }
    }

    private func holder(of number: Int, _ port: PublishedPort, _ ignoring: Set<String>) -> PortConflict.Holder? {
        if let container = state.withLock({ $0.holder(of: number, port.proto, at: port.hostIP) }) {
            return ignoring.contains(container) ? nil : .container(container)
        }
        return PortHolder.find(number, port.proto, at: port.hostIP.flatMap { IPv4($0) })
    }
}
