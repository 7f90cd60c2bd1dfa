import StackModel
import YAML

extension ServiceDecoder {
    func exposed() -> [String] {
        var ports: [String] = []
        for item in fields.items("expose") {
            guard let text = item.scalar.flatMap(Scalars.text) else { continue }
            let halves = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            do throws(Complaint) {
                _ = try PortText.range(halves[0], in: text)
                if halves.count > 1 { _ = try PortText.protocolNamed(halves[1]) }
                ports.append(text)
            } catch { report.error(error, at: item.place) }
        }
        return unique(ports)
    }

    func ports(_ mode: NetworkMode) -> [PortMapping] {
        var ports: [PortMapping] = []
        let items = fields["ports"]?.sequence ?? []
        for item in Merging.keepLast(items, key: ItemKey.port) {
            do throws(Complaint) { ports += try port(item) } catch { report.error(error, at: item.place) }
        }
        guard !ports.isEmpty, mode != .networks else { return ports }
        let place = fields.place(of: "ports")
        switch mode {
        case .host: report.warning("\"ports\" has no effect with \"network_mode: host\": its ports are the host's", at: place)
        case .none: report.error("ports cannot be published with \"network_mode: none\"", at: place)
        case .service(let other):
            report.error("ports cannot be published here: the network is that of \"\(other)\"", at: place, hint: "publish them there")
        case .networks: break
        }
        return []
    }

    private func port(_ item: Node) throws(Complaint) -> [PortMapping] {
        if let scalar = item.scalar {
            guard let text = Scalars.text(scalar) else { return [] }
            return try PortText.parse(text)
        }
        guard let port = Fields(item), let target = port.int("target"), (1...65535).contains(target) else { return [] }
        let proto = try PortText.protocolNamed(port.text("protocol") ?? "tcp")
        let host = port.text("host_ip").flatMap { $0.isEmpty ? nil : $0 }
        if let host { try PortText.checkAddress(host) }
        var mapped = [PortMapping(target: target, hostIP: host, proto: proto)]
        if let published = port.loose("published"), !published.isEmpty {
            let range = try PortText.range(published, in: published, allowsZero: true)
            mapped = try PortText.pair(target...target, range, host: host, proto: proto, text: published)
        }
        for index in mapped.indices {
            mapped[index].name = port.text("name")
            mapped[index].appProtocol = port.text("app_protocol")
            // `ingress` is the default, and means nothing more on one host.
            mapped[index].mode = port.text("mode").flatMap { $0 == "ingress" ? nil : $0 }
        }
        return mapped
    }
}
