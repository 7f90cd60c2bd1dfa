import Linux

/// A network interface as the kernel has it.
public struct Link: Sendable, Hashable {
    public var index: Int32
    public var name: String
    public var isUp: Bool
    /// The index of the bridge it is a port of.
    public var master: Int32?
    public var mtu: UInt32
    public var mac: [UInt8]
    /// `bridge`, `veth`…
    public var kind: String?
    /// Free text that belongs to the interface.
    public var alias: String?
}

/// What a veth pair is made with: one end here, the other in another network namespace.
public struct VethPair: Sendable {
    public var name: String
    public var alias: String
    public var master: Int32
    public var mtu: UInt32?
    public var peerName: String
    public var peerMAC: [UInt8]
    /// A descriptor of the other namespace.
    public var peerNamespace: Int32
    /// See `NetlinkSocket.setHairpin`.
    public var isHairpin: Bool
    public init(
        name: String, alias: String, master: Int32, mtu: UInt32?, peerName: String, peerMAC: [UInt8], peerNamespace: Int32, isHairpin: Bool = false
    ) {
        self.isHairpin = isHairpin
        self.name = name
        self.alias = alias
        self.master = master
        self.mtu = mtu
        self.peerName = peerName
        self.peerMAC = peerMAC
        self.peerNamespace = peerNamespace
    }
}

/// rtnetlink(7): RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK.
extension NetlinkSocket {
    private static func link(_ type: UInt16, flags: UInt16 = 0, index: Int32 = 0, up: Bool? = nil) -> MessageBuilder {
        var message = MessageBuilder(type: type, flags: flags)
        message.put(UInt8(0))
        message.put(UInt8(0))
        message.put(UInt16(0))
        message.put(index)
        message.put(UInt32(up == true ? 1 : 0))
        message.put(UInt32(up == nil ? 0 : 1))
        return message
    }

    public func links() throws(SyscallError) -> [Link] {
        try dump(Self.link(18)).compactMap { message in
            guard message.type == 16 else { return nil }
            let attributes = message.attributes(after: 16)
            guard let name = attributes.text(3) else { return nil }
            return Link(
                index: message.number(at: 4, Int32.self), name: name, isUp: message.number(at: 8, UInt32.self) & 1 != 0,
                master: attributes.number(10, Int32.self), mtu: attributes.number(4, UInt32.self) ?? 0, mac: attributes[1].map(Array.init) ?? [],
                kind: attributes.nested(18)?.text(1), alias: attributes.text(20))
        }
    }

    /// A bridge that is up; `alias` says whose it is.
    public func addBridge(_ name: String, alias: String, mtu: UInt32?) throws(SyscallError) {
        var message = Self.link(16, flags: 0x600 /* CREATE, EXCL */, up: true)
        message.attribute(3, text: name)
        if let mtu { message.attribute(4, number: mtu) }
        message.nest(18) { info in
            info.attribute(1, text: "bridge")
        }
        try perform("bridge \(name)", message)
        // IFLA_IFALIAS is not taken when a link is made.
        try setAlias(name, alias, isHairpin: false)
    }

    private func setAlias(_ name: String, _ alias: String, isHairpin: Bool) throws(SyscallError) {
        var message = Self.link(16)
        message.attribute(3, text: name)
        message.attribute(20, text: alias)
        if isHairpin { message.hairpin(true) }
        try perform("link \(name)", message)
    }

    /// Both ends at once, the near one up and a port of its bridge.
    public func addVeth(_ pair: VethPair) throws(SyscallError) {
        var message = Self.link(16, flags: 0x600, up: true)
        message.attribute(3, text: pair.name)
        message.attribute(10, number: pair.master)
        if let mtu = pair.mtu { message.attribute(4, number: mtu) }
        message.nest(18) { info in
            info.attribute(1, text: "veth")
            info.nest(2) { data in
                data.nest(1) { peer in
                    for _ in 0..<4 { peer.put(UInt32(0)) }
                    peer.attribute(3, text: pair.peerName)
                    peer.attribute(1, pair.peerMAC)
                    if let mtu = pair.mtu { peer.attribute(4, number: mtu) }
                    peer.attribute(28, number: pair.peerNamespace)
                }
            }
        }
        try perform("veth \(pair.name)", message)
        try setAlias(pair.name, pair.alias, isHairpin: pair.isHairpin)
    }

    /// Whether a bridge sends frames out of the port they came in by.
    ///
    /// With br_netfilter a bridge rewrites the destination of frames (bridge-nf-call-iptables): one that a container sends to its own
    /// published port comes back to the port it came from, and is dropped without this.
    public func setHairpin(_ index: Int32, _ isOn: Bool = true) throws(SyscallError) {
        var message = Self.link(16, index: index)
        message.hairpin(isOn)
        try perform("link \(index)", message)
    }

    public func setUp(_ index: Int32, _ isUp: Bool = true) throws(SyscallError) { try perform("link \(index)", Self.link(16, index: index, up: isUp)) }

    /// Makes a link a port of a bridge; 0 takes it out of the one it is in.
    public func setMaster(_ index: Int32, _ master: Int32) throws(SyscallError) {
        var message = Self.link(16, index: index)
        message.attribute(10, number: master)
        try perform("link \(index)", message)
    }

    /// One that is not there is no error. Takes 30 to 50 ms in the kernel.
    public func deleteLink(_ name: String) throws(SyscallError) {
        var message = Self.link(17)
        message.attribute(3, text: name)
        do throws(SyscallError) { try perform("link \(name)", message) } catch { if error.name != "ENODEV" { throw error } }
    }
}

extension MessageBuilder {
    fileprivate mutating func hairpin(_ isOn: Bool) {
        nest(18) { info in
            info.attribute(4, text: "bridge")  // IFLA_INFO_SLAVE_KIND
            info.nest(5) { $0.attribute(4, number: UInt8(isOn ? 1 : 0)) }  // IFLA_INFO_SLAVE_DATA, IFLA_BRPORT_MODE
        }
    }
}
