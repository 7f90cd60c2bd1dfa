import Linux
import Netlink

extension NetworkRuntime {
    /// Datagrams that flow without a pause still go where they went before: to a container that left its ports, or to nobody while
    /// the port was not published. They are led anew.
    /// - Parameter isGone: whether its container is no longer there.
    func redirectDatagrams(_ attachment: Attachment, isGone: Bool) {
        let ports = Set(attachment.ports.filter { $0.proto == .udp }.map { UInt16(clamping: $0.hostPort) })
        guard !ports.isEmpty, let target = attachment.target else { return }
        // A kernel without ctnetlink cannot: its flows end after half a minute of silence.
        for flow in (try? flows.datagramFlows()) ?? [] {
            let isStale = isGone ? flow.answerer == target : ports.contains(flow.port) && flow.answerer != target
            if isStale { try? flows.forget(flow) }
        }
    }
}
