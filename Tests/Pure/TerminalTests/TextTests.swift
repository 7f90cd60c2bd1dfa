import Planner
import StackModel
import Terminal
import TestSupport
import Testing

private let now = Timestamp(milliseconds: 1_800_000_000_000)
private let plain = Style(isColoured: false)

private func container(_ name: String, _ state: String, _ change: (inout ContainerSummary) -> Void = { _ in }) -> ContainerSummary {
    var row = ContainerSummary(
        id: "0123456789abcdef", name: name, stack: "p", service: "web", number: 1, image: "nginx:1", imageID: "sha256:1", command: ["nginx", "-g", "daemon off;"],
        state: state, health: .none, createdAt: Timestamp(milliseconds: now.milliseconds - 180_000))
    row.startedAt = Timestamp(milliseconds: now.milliseconds - 120_000)
    change(&row)
    return row
}

@Suite("What is printed") struct TextTests {
    @Test("ps: a table as docker compose prints it")
    func table() {
        let rows = [
            container("p-web-1", "running") {
                $0.health = .healthy
                $0.publishers = [.init(url: "0.0.0.0", targetPort: 80, publishedPort: 8080, proto: "tcp"), .init(url: "::", targetPort: 80, publishedPort: 8080, proto: "tcp")]
                $0.exposed = ["80", "9000/udp"]
            },
            container("p-web-2", "exited") {
                $0.exitCode = 3
                $0.finishedAt = Timestamp(milliseconds: now.milliseconds - 4000)
            },
        ]
        #expect(
            ContainerRows.table(rows, now: now) == """
                NAME      IMAGE     COMMAND                  SERVICE   CREATED         STATUS                     PORTS
                p-web-1   nginx:1   "nginx -g daemon off;"   web       3 minutes ago   Up 2 minutes (healthy)     0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 9000/udp
                p-web-2   nginx:1   "nginx -g daemon off;"   web       3 minutes ago   Exited (3) 4 seconds ago

                """)
    }

    @Test("ps: JSON with the fields that scripts look for, one object a line")
    func json() {
        let text = ContainerRows.json([container("p-web-1", "running"), container("p-web-2", "created")], now: now)
        #expect(text.split(separator: "\n").count == 2)
        for field in ["\"ID\":", "\"Name\":\"p-web-1\"", "\"Service\":\"web\"", "\"State\":\"running\"", "\"Health\":\"\"", "\"ExitCode\":0", "\"Publishers\":[]"] {
            #expect(text.contains(field), "\(field)")
        }
    }

    @Test(arguments: [
        (0, "Less than a second"), (1000, "1 second"), (59_000, "59 seconds"), (60_000, "About a minute"), (3_540_000, "59 minutes"), (3_600_000, "About an hour"),
        (86_400_000, "24 hours"), (3 * 86_400_000, "3 days"), (21 * 86_400_000, "3 weeks"), (400 * 86_400_000, "13 months"), (-5, "Less than a second"),
    ])
    func spans(_ milliseconds: Int, _ words: String) { #expect(Words.span(milliseconds) == words) }

    @Test(arguments: [(0, "0B"), (999, "999B"), (1000, "1.0kB"), (2_140_160, "2.1MB"), (450_000_000, "450MB"), (1_234_567_890, "1.2GB")])
    func sizes(_ bytes: Int, _ words: String) { #expect(Words.size(bytes) == words) }

    @Test("times in UTC")
    func times() {
        #expect(Words.time(Timestamp(milliseconds: 0)) == "1970-01-01T00:00:00.000Z")
        #expect(Words.time(Timestamp(milliseconds: 1_709_210_096_789)) == "2024-02-29T12:34:56.789Z")
    }

    @Test("progress: plain lines, and a block that is drawn over itself")
    func progress() {
        let started = Progress(kind: .container, name: "p-web-1", phase: .working, status: "Starting", at: now)
        let done = Progress(kind: .container, name: "p-web-1", phase: .done, status: "Started", at: now + 1500)
        #expect(ProgressText.plain(done, style: plain) == " Container p-web-1  Started\n")
        var block = ProgressBlock(verb: "Running", style: plain)
        #expect(block.draw(now: now, width: 80, height: 24) == "")
        block.take(started)
        #expect(block.draw(now: now, width: 80, height: 24).contains("[+] Running 0/1"))
        block.take(done)
        let drawn = block.draw(now: now + 2000, width: 80, height: 24)
        #expect(drawn.hasPrefix("\u{1B}[2A\r") && drawn.contains("[+] Running 1/1") && drawn.contains("✔ Container p-web-1") && drawn.contains("1.5s"))
        for line in drawn.split(separator: "\n") { #expect(line.replacing("\u{1B}[K", with: "").replacing("\u{1B}[2A\r", with: "").count <= 80, "\(line)") }
    }

    @Test("names from elsewhere cannot steer the terminal")
    func safe() {
        #expect(Style.safe("a\u{1B}[2Jb\nc") == "a\u{FFFD}[2Jb\u{FFFD}c")
        #expect(!Table.render(["A"], [["x\u{1B}]0;title\u{7}"]]).contains("\u{1B}"))
    }

    @Test("logs: names as wide as the widest, without the stack's; colours only where wanted")
    func logs() {
        let line = LogLine(container: "p-web-1", service: "web", at: now, time: "2026-01-02T03:04:05.000000000Z", stream: "stdout", text: "hello")
        var printer = LogPrefix(style: plain, names: ["web-1", "worker-1"])
        #expect(printer.line(line, stack: "p", prefix: true, timestamps: false) == "web-1     | hello\n")
        #expect(printer.line(line, stack: "p", prefix: false, timestamps: true) == "2026-01-02T03:04:05.000000000Z hello\n")
        var coloured = LogPrefix(style: Style(isColoured: true), names: ["web-1"])
        #expect(coloured.line(line, stack: "p", prefix: true, timestamps: false) == "\u{1B}[36mweb-1  | \u{1B}[0mhello\n")
    }

    @Test("errors: what, why, and what helps")
    func errors() {
        let failure = Failure(code: .portInUse, what: "service \"web\": host port 80/tcp is in use", cause: "nginx (pid 7) has it", hint: "end it")
        #expect(ErrorText.render(failure, style: plain) == "error: service \"web\": host port 80/tcp is in use: nginx (pid 7) has it\n  hint: end it\n")
    }

    @Test("a plan: signs, reasons, what is lost")
    func plan() {
        let plan = Plan(
            steps: [
                Step(id: "s", action: .stopContainer(id: "1", name: "p-web-1", grace: 1000), because: .changed([FieldChange(field: "image", old: "a:1", new: "a:2")])),
                Step(id: "v", action: .removeVolume(name: "p_data"), because: .notWanted, risk: .losesData),
            ], notes: [Note(kind: .warning, subject: "stack \"p\"", text: "found orphan containers")])
        let text = PlanLines.render(plan, style: plain)
        #expect(text.contains("- stop container p-web-1: image a:1 → a:2\n"))
        #expect(text.contains("- remove volume p_data: it is no longer wanted (its data is lost)\n"))
        #expect(text.contains("warning: stack \"p\": found orphan containers\n"))
        #expect(PlanLines.render(Plan(), style: plain) == "Nothing to do: the stack is as it is declared.\n")
    }

    @Test("image ls: a row for each name")
    func images() {
        let image = ImageSummary(id: "sha256:5f108d97c9a7ffff", names: ["a:1", "r.example:5000/b:2"], size: 1_500_000, createdAt: nil)
        #expect(
            ListText.images([image]) == """
                REPOSITORY         TAG   IMAGE ID       SIZE
                a                  1     5f108d97c9a7   1.5MB
                r.example:5000/b   2     5f108d97c9a7   1.5MB

                """)
    }
}
