import Linux

/// Tells that links, addresses, routes or nftables rules changed, in the namespace where it is made. Which ones, it does not say:
/// a notice means "look again".
public struct NetworkNotices: Sendable {
    private let route: NetlinkSocket
    private let netfilter: NetlinkSocket
    private let epoll: Epoll

    public init() throws(SyscallError) {
        // RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE; NFNLGRP_NFTABLES is group 7.
        route = try NetlinkSocket(.route, groups: 0x1 | 0x10 | 0x40)
        netfilter = try NetlinkSocket(.netfilter, groups: 1 << 6)
        epoll = try Epoll()
        try epoll.add(route.raw, .readable, tag: 0)
        try epoll.add(netfilter.raw, .readable, tag: 1)
    }

    /// Sleeps until something changed (or `timeout` milliseconds), and takes what came.
    /// - Returns: whether something came.
    public func wait(timeout: Int32 = -1) -> Bool {
        let events = epoll.wait(timeout: timeout)
        for event in events {
            // ENOBUFS: notices were lost, which is one more reason to look.
            _ = try? (event.tag == 0 ? route : netfilter).receive()
        }
        return !events.isEmpty
    }
}
