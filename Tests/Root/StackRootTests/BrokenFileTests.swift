import TestSupport
import Testing

extension Scenarios {
    @Suite("A broken stack file") struct BrokenFiles {
        struct Case: CustomTestStringConvertible {
            var name: String
            var text: String
            /// What the error must name: `line:column`, or a word when it has no place of its own.
            var mention: String
            var testDescription: String { name }
        }

        private static let service = "services:\n  a:\n    image: gantry-hello:1\n"
        static let cases = [
            Case(name: "bad YAML", text: "services:\n  a: [1, 2\n", mention: "compose.yaml:"),
            Case(name: "a tab as indentation", text: "services:\n\ta: {}\n", mention: "compose.yaml:2"),
            Case(name: "a list where a mapping belongs", text: "services:\n  - a\n", mention: "compose.yaml:2"),
            Case(name: "a word where a number belongs", text: service + "    scale: many\n", mention: "compose.yaml:4"),
            Case(name: "an unknown key", text: service + "    imgae: x\n", mention: "compose.yaml:4:5"),
            Case(name: "a duplicate key", text: service + "    image: b\n", mention: "compose.yaml:4"),
            Case(name: "a cycle", text: service + "    depends_on: [b]\n  b:\n    image: x\n    depends_on: [a]\n", mention: "depend"),
            Case(name: "an undefined dependency", text: service + "    depends_on: [nobody]\n", mention: "nobody"),
            Case(name: "an undefined network", text: service + "    networks: [nowhere]\n", mention: "nowhere"),
            Case(name: "an undefined volume", text: service + "    volumes: [\"nothing:/x\"]\n", mention: "nothing"),
            Case(name: "a missing variable", text: service + "    hostname: ${MISSING:?must be set}\n", mention: "must be set"),
            Case(name: "a bad port", text: service + "    ports: [\"99999:80\"]\n", mention: "compose.yaml:4"),
            Case(name: "a bad duration", text: service + "    stop_grace_period: soon\n", mention: "compose.yaml:4"),
            Case(name: "a bad size", text: service + "    mem_limit: lots\n", mention: "compose.yaml:4"),
            Case(name: "an alias bomb", text: bomb, mention: "alias"),
            Case(name: "no service", text: "services: {}\n", mention: "service"),
            Case(name: "neither image nor build", text: "services:\n  a:\n    command: [x]\n", mention: "image"),
            Case(name: "an absent image", text: "services:\n  a:\n    image: no-such-image:9\n", mention: "compose.yaml:3:12"),
        ]

        private static var bomb: String {
            var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            for level in 1..<10 {
                text += "x-\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
            }
            return text + service
        }

        /// One engine for all: each must leave it as it was.
        @Test("gives an error that names the place, exit code 1, and changes nothing")
        func battery() throws {
            let host = try GantryHost("broken")
            defer { host.end() }
            let before = host.snapshot()
            for wrong in Self.cases {
                try host.stackFile(wrong.text)
                let result = try host.gantry("-p", "broken", "up", "-d")
                #expect(result.status == 1, "\(wrong.name): \(result)")
                #expect(result.stderr.contains(wrong.mention), "\(wrong.name) must mention \"\(wrong.mention)\": \(result)")
                let difference = host.snapshot().difference(from: before)
                #expect(difference.isEmpty, "\(wrong.name) left: \(difference)")
            }
        }

        @Test("no file at all is said so")
        func nothing() throws {
            let host = try GantryHost("nofile")
            defer { host.end() }
            let result = try host.gantry("up", "-d")
            #expect(result.status == 1 && result.stderr.contains("no configuration file provided"), "\(result)")
        }
    }

    @Suite("A port that is taken") struct Ports {
        @Test("by another program: the holder is named and nothing is changed")
        func taken() throws {
            let host = try GantryHost("port")
            defer { host.end() }
            let before = host.snapshot()
            let listener = try #require(Port.Listener())
            try host.stackFile(Files.web(listener.port))
            let result = try host.gantry("up", "-d")
            #expect(result.status == 1, "\(result)")
            #expect(result.stderr.contains("\(listener.port)"), "\(result)")
            #expect(result.stderr.contains("\(Self.pid)"), "the holder's process (\(Self.pid)) must be named: \(result)")
            #expect(host.snapshot().difference(from: before).isEmpty, "\(host.snapshot().difference(from: before))")
        }

        private static let pid = String(file: "/proc/self/stat").split(separator: " ").first.map(String.init) ?? ""
    }
}
