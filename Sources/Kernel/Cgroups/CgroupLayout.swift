import Linux

/// Which hierarchy holds which controller on this host: v1, v2 or both at once. There is no global mode.
public struct CgroupLayout: Sendable, Hashable {
    /// Controller → mount point of its v1 hierarchy.
    public var v1: [String: String]
    /// Mount point of cgroup2, and the controllers it has.
    public var v2: String?
    public var v2Controllers: Set<String>

    public init(v1: [String: String] = [:], v2: String? = nil, v2Controllers: Set<String> = []) {
        self.v1 = v1
        self.v2 = v2
        self.v2Controllers = v2Controllers
    }

    static let known: Set<String> = [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma",
    ]

    /// Reads the mounts of this process (proc_pid_mountinfo(5)).
    public static func current() throws(SyscallError) -> CgroupLayout {
        var layout = parse(mountinfo: try File.text("/proc/self/mountinfo"))
        if let v2 = layout.v2, let text = try? File.text("\(v2)/cgroup.controllers") {
            layout.v2Controllers = Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
        }
        return layout
    }

    /// The layout that a mountinfo text describes; the first mount of each hierarchy counts. Whole hierarchies go before parts of
    /// them, which is what a container without a cgroup namespace sees.
    public static func parse(mountinfo text: String) -> CgroupLayout {
        var layout = CgroupLayout()
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        for isWhole in [true, false] {
            for parts in lines {
                guard let dash = parts.firstIndex(of: "-"), dash > 4, parts.count > dash + 3, (parts[3] == "/") == isWhole else { continue }
                layout.add(type: parts[dash + 1], options: parts[dash + 3], at: String(parts[4]))
            }
        }
        return layout
    }

    private mutating func add(type: Substring, options: Substring, at place: String) {
        if type == "cgroup2" && v2 == nil { v2 = place }
        if type != "cgroup" { return }
        for option in options.split(separator: ",") where Self.known.contains(String(option)) && v1[String(option)] == nil {
            v1[String(option)] = place
        }
    }

    /// `v1`, `v2` or `hybrid`, for people.
    public var name: String {
        if v1.isEmpty { return "v2" }
        return v2 == nil || v2Controllers.isEmpty ? "v1" : "hybrid"
    }

    /// The mount points of the v1 hierarchies, each once.
    public var v1Mounts: [String] { Set(v1.values).sorted() }
}
