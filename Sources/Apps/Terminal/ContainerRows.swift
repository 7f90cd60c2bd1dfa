import FoundationEssentials
import StackModel

/// `ps` as docker compose prints it.
public enum ContainerRows {
    public static func table(_ containers: [ContainerSummary], now: Timestamp) -> String {
        Table.render(
            ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"],
            containers.map { container in
                [
                    container.name, container.image, Words.command(container.command), container.service,
                    "\(Words.span((now - container.createdAt).value)) ago", status(container, now: now), ports(container),
                ]
            })
    }

    /// `Up 2 minutes (healthy)`, `Exited (1) 3 seconds ago`.
    public static func status(_ container: ContainerSummary, now: Timestamp) -> String {
        func since(_ moment: Timestamp?) -> String { moment.map { Words.span((now - $0).value) } ?? "" }
        switch container.state {
        case "running":
            let health =
                switch container.health {
                case .none: ""
                case .starting: " (health: starting)"
                case .healthy: " (healthy)"
                case .unhealthy: " (unhealthy)"
                }
            return "Up \(since(container.startedAt))\(health)"
        case "paused": return "Up \(since(container.startedAt)) (Paused)"
        case "exited":
            let oom = container.oomKilled ? " (out of memory)" : ""
            let again = container.restartAt == nil ? "" : ", restarting"
            return "Exited (\(container.exitCode ?? 0))\(oom) \(since(container.finishedAt)) ago\(again)"
        case "created": return "Created"
        default: return container.state.prefix(1).uppercased() + container.state.dropFirst()
        }
    }

    /// `0.0.0.0:8080->80/tcp, 443/tcp`.
    public static func ports(_ container: ContainerSummary) -> String {
        let published = container.publishers.map { port in
            let url = port.url.contains(":") ? "[\(port.url)]" : port.url
            return "\(url):\(port.publishedPort)->\(port.targetPort)/\(port.proto)"
        }
        let targets = Set(container.publishers.map { "\($0.targetPort)/\($0.proto)" })
        let exposed = container.exposed.map { $0.contains("/") ? $0 : "\($0)/tcp" }.filter { !targets.contains($0) }
        return (published + exposed).joined(separator: ", ")
    }

    /// One object a line, with the fields that scripts look for.
    public static func json(_ containers: [ContainerSummary], now: Timestamp) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return containers.map { container in
            let data = try? encoder.encode(Row(container, now: now))
            return String(decoding: data ?? Data(), as: UTF8.self) + "\n"
        }.joined()
    }

    private struct Row: Encodable {
        var ID, Name, Names, Image, Command, Project, Service, State, Health, Status, Ports, Labels, Networks, Mounts, RunningFor: String
        var CreatedAt: String
        var ExitCode: Int
        var Publishers: [Publisher]
        struct Publisher: Encodable {
            var URL: String
            var TargetPort, PublishedPort: Int
            var `Protocol`: String
        }

        init(_ container: ContainerSummary, now: Timestamp) {
            ID = container.id
            Name = container.name
            Names = container.name
            Image = container.image
            Command = Words.command(container.command, whole: true)
            Project = container.stack
            Service = container.service
            State = container.state
            Health = container.health == .none ? "" : container.health.rawValue
            Status = ContainerRows.status(container, now: now)
            Ports = ContainerRows.ports(container)
            Labels = container.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            Networks = container.networks.keys.sorted().joined(separator: ",")
            Mounts = container.mounts.joined(separator: ",")
            RunningFor = "\(Words.span((now - container.createdAt).value)) ago"
            CreatedAt = Words.time(container.createdAt)
            ExitCode = container.exitCode ?? 0
            Publishers = container.publishers.map { .init(URL: $0.url, TargetPort: $0.targetPort, PublishedPort: $0.publishedPort, Protocol: $0.proto) }
        }
    }
}
