import CLinux

/// epoll(7), level-triggered, with a number of the caller's for each descriptor.
public struct Epoll: Sendable {
    private let fd: SharedFD

    public struct Events: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        public static let readable = Events(rawValue: 0x1)
        public static let writable = Events(rawValue: 0x4)
        public static let failed = Events(rawValue: 0x8)
        public static let hungUp = Events(rawValue: 0x10)
    }

    public struct Event: Sendable {
        public var tag: UInt64
        public var events: Events
    }

    public init() throws(SyscallError) { fd = SharedFD(try syscall("epoll_create1") { gl_epoll_create() }) }

    public func add(_ descriptor: Int32, _ events: Events, tag: UInt64) throws(SyscallError) {
        try syscall("epoll_ctl") { gl_epoll_ctl(fd.raw, 1, descriptor, events.rawValue, tag) }
    }

    public func change(_ descriptor: Int32, _ events: Events, tag: UInt64) throws(SyscallError) {
        try syscall("epoll_ctl") { gl_epoll_ctl(fd.raw, 3, descriptor, events.rawValue, tag) }
    }

    public func remove(_ descriptor: Int32) { _ = gl_epoll_ctl(fd.raw, 2, descriptor, 0, 0) }

    /// What is ready; empty after `timeout` milliseconds (-1: never) or an interruption.
    public func wait(timeout: Int32) -> [Event] {
        var events = [gl_event](repeating: gl_event(), count: 64)
        let count = gl_epoll_wait(fd.raw, &events, 64, timeout)
        if count <= 0 { return [] }
        return events[0..<Int(count)].map { Event(tag: $0.tag, events: Events(rawValue: $0.events)) }
    }
}
