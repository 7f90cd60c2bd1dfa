import StackModel

/// What cannot work whatever is done: said before anything is.
func checkServices(_ draft: inout Draft) {
    for service in draft.active {
        if service.containerName != nil, service.replicas > 1 {
            draft.block(
                service.name, "\(service.replicas) replicas cannot all be named \"\(service.containerName ?? "")\"",
                hint: "remove container_name, or run one replica")
        }
        for (name, dependency) in service.dependsOn.sorted(by: { $0.key < $1.key }) where dependency.required {
            if draft.desired.stack.services[name] == nil { draft.block(service.name, "it depends on \"\(name)\", which the stack does not have") }
        }
    }
    checkPorts(&draft)
}

/// Two containers cannot have one host port.
private func checkPorts(_ draft: inout Draft) {
    var taken: [String: String] = [:]
    for service in draft.active where !draft.isBlocked(service.name) {
        for port in service.ports {
            guard let number = port.published else { continue }
            let end = port.publishedEnd ?? number
            if service.replicas > end - number + 1 {
                draft.block(
                    service.name, "\(service.replicas) replicas cannot share host port \(number)/\(port.proto.rawValue)",
                    hint: "publish a range with a port for each (\"\(number)-\(number + service.replicas - 1):\(port.target)\"), or no fixed host port")
            }
            guard end == number else { continue }
            let key = "\(port.hostIP ?? "*") \(number)/\(port.proto.rawValue)"
            if let other = taken[key], other != service.name {
                draft.block(service.name, "host port \(number)/\(port.proto.rawValue) is published by service \"\(other)\" too", hint: "publish another port")
            }
            taken[key] = service.name
        }
    }
}
