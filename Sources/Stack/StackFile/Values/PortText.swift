import StackModel

/// The short form of published ports: `[host address:][host port or range:]container port or range[/protocol]`.
enum PortText {
    static func parse(_ text: String) throws(Complaint) -> [PortMapping] {
        guard !text.isEmpty else { throw Complaint("a port is empty") }
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count <= 2, let main = halves.first else { throw Complaint("\"\(text)\" is not a port", hint: form) }
        let proto = try protocolNamed(halves.count == 2 ? String(halves[1]) : "tcp")
        let (host, hostPorts, target) = try parts(String(main), of: text)
        let container = try range(target, in: text)
        guard let hostPorts, !hostPorts.isEmpty else {
            return container.map { PortMapping(target: $0, hostIP: host, proto: proto) }
        }
        let published = try range(hostPorts, in: text, allowsZero: true)
        return try pair(container, published, host: host, proto: proto, text: text)
    }

    static let form = "write \"container\", \"host:container\" or \"address:host:container\", with \"/udp\" where it is not tcp"

    static func protocolNamed(_ text: String) throws(Complaint) -> PortMapping.Proto {
        guard let proto = PortMapping.Proto(rawValue: text.lowercased()) else {
            throw Complaint("\"\(text)\" is not a protocol of ports", hint: "write \"tcp\", \"udp\" or \"sctp\"")
        }
        return proto
    }

    /// Container ports and host ports side by side; one container port takes a whole host range to choose from.
    static func pair(
        _ container: ClosedRange<Int>, _ published: ClosedRange<Int>, host: String?, proto: PortMapping.Proto, text: String
    ) throws(Complaint) -> [PortMapping] {
        if container.count == published.count {
            return zip(container, published).map { PortMapping(target: $0, published: $1 == 0 ? nil : $1, hostIP: host, proto: proto) }
        }
        guard container.count == 1 else {
            throw Complaint(
                "\"\(text)\" pairs \(published.count) host ports with \(container.count) container ports", hint: "make both ranges equally long")
        }
        return [
            PortMapping(
                target: container.lowerBound, published: published.lowerBound, publishedEnd: published.upperBound, hostIP: host, proto: proto)
        ]
    }

    /// Host address (without brackets), host ports, container ports.
    private static func parts(_ text: String, of whole: String) throws(Complaint) -> (String?, String?, String) {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else {
                throw Complaint("the bracket in \"\(whole)\" is never closed", hint: "write \"[::1]:8080:80\"")
            }
            let address = String(text[text.index(after: text.startIndex)..<close])
            let rest = text[text.index(after: close)...].split(separator: ":", omittingEmptySubsequences: false)
            guard rest.count == 3, rest[0].isEmpty else { throw Complaint("\"\(whole)\" is not a port", hint: form) }
            try checkAddress(address)
            return (address, String(rest[1]), String(rest[2]))
        }
        let pieces = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch pieces.count {
        case 1: return (nil, nil, pieces[0])
        case 2:
            if pieces[0].contains(".") {
                throw Complaint(
                    "\"\(whole)\" has an address and one port",
                    hint: "write \"\(pieces[0])::\(pieces[1])\" for a port of the kernel's choice")
            }
            return (nil, pieces[0], pieces[1])
        case 3:
            try checkAddress(pieces[0])
            return (pieces[0], pieces[1], pieces[2])
        default:
            throw Complaint("\"\(whole)\" is not a port", hint: "put an IPv6 address in brackets: \"[::1]:8080:80\"")
        }
    }

    static func range(_ text: String, in whole: String, allowsZero: Bool = false) throws(Complaint) -> ClosedRange<Int> {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard ends.count <= 2, let low = number(ends.first), let high = number(ends.last) else {
            throw Complaint("\"\(text)\" in \"\(whole)\" is not a port number", hint: form)
        }
        for port in [low, high] where port > 65535 || (port == 0 && !allowsZero) {
            throw Complaint("\(port) is not a port: they go from 1 to 65535")
        }
        guard low <= high else { throw Complaint("the range \"\(text)\" ends before it starts", hint: "write \"\(high)-\(low)\"") }
        return low...high
    }

    private static func number(_ text: String?) -> Int? {
        guard let text, !text.isEmpty, text.utf8.count <= 6, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }

    static func checkAddress(_ text: String) throws(Complaint) {
        guard Address.isIPv4(text) || Address.isIPv6(text) else {
            throw Complaint("\"\(text)\" is not an IP address", hint: "a host address is written as numbers, such as 127.0.0.1 or [::1]")
        }
    }
}
