import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A row of `ps --format json`.
struct Row: Decodable {
    var ID: String
    var Name: String
    var Service: String
    var State: String
    var Health: String
    var ExitCode: Int
}

/// A container's processes as the host sees them.
struct Processes {
    /// The container's own first process.
    var main: Int32
    var shim: Int32
    var all: [Int32]
}

extension GantryHost {
    /// Containers of the stack in the project folder; with those that do not run.
    func rows(_ arguments: String...) throws -> [Row] {
        let result = try Command.run(
            Programs.gantry, ["--root", root, "--run", run] + arguments + ["ps", "-a", "--format", "json"], folder: folder)
        guard result.succeeded else { throw Command.NotStarted(description: "ps: \(result)") }
        return try result.lines.map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    func row(_ service: String) throws -> Row? { try? rows().first { $0.Service == service } }

    /// Whether exactly these services run, each this many times, and nothing else is there.
    func runs(_ counts: [String: Int]) -> Bool {
        guard let rows = try? rows(), rows.allSatisfy({ $0.State == "running" }) else { return false }
        return Dictionary(grouping: rows, by: \.Service).mapValues(\.count) == counts
    }

    /// Found through the container's cgroup.
    func processes(of id: String) -> Processes? {
        let hierarchies = ["/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"]
        for hierarchy in hierarchies {
            let parent = "\(hierarchy)/gantry-\(engine)"
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: parent) else { continue }
            for name in names where name.hasPrefix(id) {
                let all = String(file: "\(parent)/\(name)/cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
                guard let main = all.first(where: { pid in Self.parent(of: pid).map { !all.contains($0) } ?? false }),
                    let shim = Self.parent(of: main)
                else { continue }
                return Processes(main: main, shim: shim, all: all)
            }
        }
        return nil
    }

    func processes(service: String) throws -> Processes? {
        guard let row = try row(service), row.State == "running" else { return nil }
        return processes(of: row.ID)
    }

    /// A zombie has ended: whoever is process 1 here may take its time to collect it.
    static func isAlive(_ pid: Int32) -> Bool {
        let state = String(file: "/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("State:") }
        return state.map { !$0.contains("Z") && !$0.contains("X") } ?? false
    }

    static func parent(of pid: Int32) -> Int32? {
        String(file: "/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("PPid:") }
            .flatMap { Int32($0.dropFirst(5).filter(\.isNumber)) }
    }

    /// The daemon's process; its keeper is the other `gantryd`, if there is one.
    func daemon() -> Int32? {
        let found = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter { pid in
            String(file: "/proc/\(pid)/comm").hasPrefix("gantryd") && String(file: "/proc/\(pid)/cmdline").contains(run)
        }
        return found.first { pid in Self.parent(of: pid).map { found.contains($0) } ?? false } ?? found.first
    }

    /// kill -9 of the daemon, not of its keeper.
    @discardableResult
    func killDaemon() -> Int32? {
        guard let pid = daemon() else { return nil }
        kill(pid, SIGKILL)
        return pid
    }

    /// Seconds until `check` holds, nil if it never does within a generous limit.
    func seconds(_ limit: Double = 30, _ check: () throws -> Bool) rethrows -> Double? {
        let start = Date().timeIntervalSince1970
        return try eventually(limit, check) ? Date().timeIntervalSince1970 - start : nil
    }

    func links(bridges: Bool) -> [String] {
        snapshot().items.filter { $0.hasPrefix("link ") }.map { String($0.dropFirst(5)) }
            .filter { (access("/sys/class/net/\($0)/bridge", F_OK) == 0) == bridges }.sorted()
    }
}

/// Stack files that several scenarios use.
enum Files {
    /// Services that only wait, each able to end at once.
    static func sleepers(_ names: [String], extra: String = "") -> String {
        "services:\n"
            + names.map { "  \($0):\n    image: gantry-hello:1\n    command: [sleep, \"100000\"]\n    init: true\n\(extra)" }.joined()
    }

    static func web(_ port: Int, text: String = "") -> String {
        """
        services:
          web:
            image: gantry-hello:1
            command: [httpd, -f, -p, "8080", -h, /www]
            init: true
            restart: always
            ports: ["\(port):8080"]
        \(text)
        """
    }
}
