import Linux

/// An IPv4 address of an interface.
public struct Address4: Sendable, Hashable {
    public var index: Int32
    public var address: IPv4
    public var prefix: Int
    public init(index: Int32, address: IPv4, prefix: Int) {
        self.index = index
        self.address = address
        self.prefix = prefix
    }
}

/// An IPv4 route.
public struct Route4: Sendable, Hashable {
    public var destination: Subnet4
    public var gateway: IPv4?
    public var index: Int32?
    public init(destination: Subnet4, gateway: IPv4? = nil, index: Int32? = nil) {
        self.destination = destination
        self.gateway = gateway
        self.index = index
    }
    public var isDefault: Bool { destination.prefix == 0 }
}

/// rtnetlink(7): RTM_NEWADDR, RTM_GETADDR, RTM_NEWROUTE, RTM_GETROUTE.
extension NetlinkSocket {
    public func addresses() throws(SyscallError) -> [Address4] {
        var message = MessageBuilder(type: 22)
        message.put(UInt8(2))
        for _ in 0..<7 { message.put(UInt8(0)) }
        return try dump(message).compactMap { message in
            guard message.type == 20, message.number(at: 0, UInt8.self) == 2 else { return nil }
            let attributes = message.attributes(after: 8)
            guard let bytes = attributes[2] ?? attributes[1], let address = IPv4(bytes: bytes) else { return nil }
            return Address4(index: message.number(at: 4, Int32.self), address: address, prefix: Int(message.number(at: 1, UInt8.self)))
        }
    }

    /// One that is there already is no error.
    public func addAddress(_ address: Address4) throws(SyscallError) { try perform([Self.request(address)]) }

    /// One that is not there is no error.
    public func removeAddress(_ address: Address4) throws(SyscallError) {
        var (subject, message) = Self.request(address)
        message.become(21)
        do throws(SyscallError) { try perform(subject, message) } catch { if error.name != "EADDRNOTAVAIL" { throw error } }
    }

    static func request(_ address: Address4) -> (String, MessageBuilder) {
        var message = MessageBuilder(type: 20, flags: 0x500 /* CREATE, REPLACE */)
        message.put(UInt8(2))
        message.put(UInt8(truncatingIfNeeded: address.prefix))
        message.put(UInt8(0))
        message.put(UInt8(0))
        message.put(address.index)
        message.attribute(2, address.address.bytes)
        message.attribute(1, address.address.bytes)
        message.attribute(4, Subnet4(address.address, prefix: address.prefix).last.bytes)
        return ("address \(address.address)/\(address.prefix)", message)
    }

    /// The main table's routes.
    public func routes() throws(SyscallError) -> [Route4] {
        var message = MessageBuilder(type: 26)
        message.put(UInt8(2))
        for _ in 0..<11 { message.put(UInt8(0)) }
        return try dump(message).compactMap { message in
            guard message.type == 24, message.number(at: 4, UInt8.self) == 254 else { return nil }
            let attributes = message.attributes(after: 12)
            let base = attributes[1].flatMap { IPv4(bytes: $0) } ?? IPv4(0)
            return Route4(
                destination: Subnet4(base, prefix: Int(message.number(at: 1, UInt8.self))), gateway: attributes[5].flatMap { IPv4(bytes: $0) },
                index: attributes.number(4, Int32.self))
        }
    }

    /// One that is there already is no error.
    public func addRoute(_ route: Route4) throws(SyscallError) { try perform([Self.request(route)]) }

    /// One that is not there is no error.
    public func removeRoute(_ route: Route4) throws(SyscallError) {
        var (subject, message) = Self.request(route)
        message.become(25)
        do throws(SyscallError) { try perform(subject, message) } catch { if error.name != "ESRCH" { throw error } }
    }

    static func request(_ route: Route4) -> (String, MessageBuilder) {
        var message = MessageBuilder(type: 24, flags: 0x500)
        message.put(UInt8(2))
        message.put(UInt8(truncatingIfNeeded: route.destination.prefix))
        message.put(UInt8(0))
        message.put(UInt8(0))
        message.put(UInt8(254))  // RT_TABLE_MAIN
        message.put(UInt8(4))  // RTPROT_STATIC
        message.put(UInt8(route.gateway == nil ? 253 : 0))  // RT_SCOPE_LINK or UNIVERSE
        message.put(UInt8(1))  // RTN_UNICAST
        message.put(UInt32(0))
        if route.destination.prefix > 0 { message.attribute(1, route.destination.base.bytes) }
        if let gateway = route.gateway { message.attribute(5, gateway.bytes) }
        if let index = route.index { message.attribute(4, number: index) }
        return ("route to \(route.destination)", message)
    }

    /// Sets an interface up as it is meant to be, in one go: addresses, up, routes.
    public func configure(_ index: Int32, addresses: [Address4], routes: [Route4]) throws(SyscallError) {
        try perform(addresses.map(Self.request))
        try setUp(index)
        try perform(routes.map(Self.request))
    }
}
