import FoundationEssentials
import Glibc
import TestSupport
import Testing

extension Scenarios {
    @Suite("examples/hello") struct Hello {
        private func bring(_ host: GantryHost, _ port: Int) throws {
            try FileManager.default.removeItem(atPath: host.folder)
            try FileManager.default.copyItem(atPath: "\(Repository.examples)/hello", toPath: host.folder)
            try host.must("-p", "hello", "up", "-d", "--wait", environment: ["HELLO_PORT": "\(port)"])
        }

        @Test("comes up, answers over HTTP, and leaves nothing when it goes down")
        func life() throws {
            let host = try GantryHost("hello")
            defer { host.end() }
            let before = host.snapshot()
            let port = Port.free()
            try bring(host, port)
            #expect(HTTP.get(port)?.body.contains("Hello from a container") == true)
            #expect(HTTP.get(port, "/cgi-bin/visit")?.body.hasPrefix("hello from ") == true)
            let rows = try host.rows("-p", "hello")
            #expect(rows.map(\.Name).sorted() == ["hello-web-1", "hello-worker-1"])
            #expect(rows.allSatisfy { $0.State == "running" })
            #expect(rows.first { $0.Service == "web" }?.Health == "healthy")
            #expect(try eventually { try host.gantry("-p", "hello", "logs", "worker").stdout.contains("hello from ") })
            try host.must("-p", "hello", "down")
            #expect(HTTP.get(port) == nil)
            host.expectSame(as: before)
        }

        @Test("up again changes nothing")
        func idempotent() throws {
            let host = try GantryHost("again")
            defer { host.end() }
            let port = Port.free()
            try bring(host, port)
            let ids = Set(try host.rows("-p", "hello").map(\.ID))
            let pids = try host.rows("-p", "hello").compactMap { host.processes(of: $0.ID)?.main }
            try host.must("-p", "hello", "up", "-d", environment: ["HELLO_PORT": "\(port)"])
            #expect(Set(try host.rows("-p", "hello").map(\.ID)) == ids)
            #expect(try host.rows("-p", "hello").compactMap { host.processes(of: $0.ID)?.main } == pids)
            let plan = try host.gantry("-p", "hello", "plan", environment: ["HELLO_PORT": "\(port)"])
            #expect(plan.status == 0, "\(plan)")
        }
    }

    @Suite("examples/guestbook", .enabled(if: TestImage.guestbook != nil, "its images are not built: run examples/guestbook/images.sh"))
    struct Guestbook {
        @Test("works over HTTP, keeps its entries over down and up, repairs what is killed, leaves nothing")
        func life() throws {
            let host = try GantryHost("guestbook")
            defer { host.end() }
            try host.must("image", "load", inputFile: TestImage.guestbook, timeout: 300)
            let before = host.snapshot()
            let port = Port.free()
            try FileManager.default.removeItem(atPath: host.folder)
            try FileManager.default.copyItem(atPath: "\(Repository.examples)/guestbook", toPath: host.folder)
            let environment = ["GUESTBOOK_PORT": "\(port)"]
            let up = { _ = try host.must("-p", "guestbook", "up", "-d", "--wait", environment: environment, timeout: 180) }
            try up()
            #expect(HTTP.get(port, "/health")?.status == 200)
            #expect(HTTP.post(port, "/sign", form: "name=Ann&message=Hello")?.status == 303)
            #expect(HTTP.get(port, "/entries")?.body.contains("Ann") == true)
            try host.must("-p", "guestbook", "down", timeout: 180)
            try up()
            #expect(HTTP.get(port, "/entries")?.body.contains("Ann") == true, "the volume lost its entries")
            for service in ["db", "cache", "proxy"] { try killAndWait(host, service, port) }
            #expect(HTTP.get(port, "/entries")?.body.contains("Ann") == true)
            try host.must("-p", "guestbook", "down", "-v", timeout: 180)
            host.expectSame(as: before)
        }

        private func killAndWait(_ host: GantryHost, _ service: String, _ port: Int) throws {
            let id = try #require(try host.rows("-p", "guestbook").first { $0.Service == service }?.ID)
            let old = try #require(host.processes(of: id))
            kill(old.main, SIGKILL)
            let time = try host.seconds {
                try host.rows("-p", "guestbook").contains { row in
                    row.Service == service && row.State == "running" && host.processes(of: row.ID).map { $0.main != old.main } == true
                }
            }
            print("guestbook: \(service) was running again \(time.map { "\(Int($0 * 1000)) ms" } ?? "never") after kill -9")
            #expect(time != nil, "\(service) was not started again")
            #expect(eventually(60) { HTTP.get(port, "/health")?.status == 200 }, "no answer after \(service) was killed")
        }
    }
}
