import Linux

/// Chooses subnets and addresses. Pure.
enum AddressPool {
    /// Where networks without a subnet of their own come from: 1,024 networks of 1,021 addresses. Private space (RFC 1918) that home
    /// routers, Docker, podman and the big clouds' defaults do not use.
    static let pool = Subnet4(IPv4(10 << 24 | 208 << 16), prefix: 12)
    static let size = 22

    /// The first subnet of the pool that overlaps with none in use.
    static func subnet(avoiding used: [Subnet4]) -> Subnet4? {
        let step: UInt32 = 1 << UInt32(32 - size)
        var base = pool.base.value
        while base <= pool.last.value {
            let subnet = Subnet4(IPv4(base), prefix: size)
            if !used.contains(where: { $0.overlaps(subnet) }) { return subnet }
            base += step
        }
        return nil
    }

    /// The first free address of a network.
    static func address(in network: NetworkRecord, taken: Set<IPv4>) -> IPv4? {
        let range = network.range ?? network.subnet
        var value = max(range.base.value, network.subnet.base.value + 1)
        let last = min(range.last.value, network.subnet.last.value - 1)
        while value <= last {
            let address = IPv4(value)
            if address != network.gateway, !taken.contains(address), !network.reserved.contains(address) { return address }
            value += 1
        }
        return nil
    }
}
