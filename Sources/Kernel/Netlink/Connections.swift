import Linux

/// A flow of datagrams as connection tracking knows it.
public struct DatagramFlow: Sendable, Hashable {
    /// The port that the first datagram was sent to, before any rewriting.
    public var port: UInt16
    /// Who answers: where the datagrams really go.
    public var answerer: IPv4
    /// CTA_TUPLE_ORIG as the kernel sent it.
    let tuple: [UInt8]
}

/// ctnetlink: nfnetlink_conntrack.h of the kernel. For sockets of the family `.netfilter`.
extension NetlinkSocket {
    private static func conntrack(_ command: UInt16) -> MessageBuilder {
        var message = MessageBuilder(type: 0x100 | command)
        message.put(UInt8(2))
        message.put(UInt8(0))
        message.put(UInt16(0))
        return message
    }

    /// IPv4 flows of UDP. Rules decide on the first datagram of a flow only: a flow that never pauses goes on to where it went.
    public func datagramFlows() throws(SyscallError) -> [DatagramFlow] {
        try dump(Self.conntrack(1)).compactMap { message in
            let attributes = message.attributes(after: 4)
            guard let tuple = attributes[1], let there = attributes.nested(1)?.nested(2), there.number(1, UInt8.self) == 17,
                let port = there.number(3, UInt16.self), let source = attributes.nested(2)?.nested(1)?[1], let answerer = IPv4(bytes: source)
            else { return nil }
            return DatagramFlow(port: UInt16(bigEndian: port), answerer: answerer, tuple: Array(tuple))
        }
    }

    /// Makes the kernel decide anew about a flow. One that is not there is no error.
    public func forget(_ flow: DatagramFlow) throws(SyscallError) {
        var message = Self.conntrack(2)
        message.attribute(1 | 0x8000, flow.tuple)
        do throws(SyscallError) { try perform("flow to port \(flow.port)", message) } catch { if error.name != "ENOENT" { throw error } }
    }
}
