import StackFile
import StackModel
import Testing

private let samples = [
    """
    x-c: &c {restart: always, environment: {A: "1"}}
    services:
      web:
        <<: *c
        image: nginx:${TAG:-1}
        ports: ["8080:80", {target: 90, published: "1-2"}]
        volumes: [./a:/a:ro, data:/d, {type: tmpfs, target: /t, tmpfs: {size: 5m}}]
        depends_on: {db: {condition: service_healthy}}
        networks: {front: {aliases: [x], ipv4_address: 10.0.0.5}}
        deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 50M}}}
        healthcheck: {test: [CMD, x], interval: 5s}
        ulimits: {nofile: {soft: 1, hard: 2}}
        secrets: [{source: s, mode: 0400}]
      db: {image: pg, extends: {service: base}, env_file: [a.env], links: ["web:w"]}
      base: {image: x, profiles: [p], extra_hosts: ["a=1.2.3.4"], tmpfs: "/x:size=1m"}
    networks: {front: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}
    volumes: {data: }
    secrets: {s: {environment: TAG}}
    """,
    "include: [compose.yaml, other.yaml]\nname: x\nservices: {a: {image: b, network_mode: \"service:a\"}}\n",
]

@Test func `no bytes make the loader trap, and every refusal has a reason`() {
    var random = Seeded(state: 99)
    let pieces = [
        "{", "}", "[", "]", ":", "-", "\n", "  ", "null", "5", "-1", "1.5", "true", "\"", "'", "${", "$", "*c", "&c ", "<<: *c", "!reset ", "!override ",
        "service:", "extends: web", "\t", "99999999999999999999", "0x", "~", "|", ">", "#", ",", "é", "\u{0}",
    ].map { Array($0.utf8) }
    for round in 0..<1500 {
        var bytes = Array(samples[round % samples.count].utf8)
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let start = Int.random(in: 0..<max(1, bytes.count), using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...6, using: &random))
            bytes.replaceSubrange(start..<end, with: pieces[Int.random(in: 0..<pieces.count, using: &random)])
        }
        var files = GivenFiles(["/w/other.yaml": "services: {o: {image: x}}\n", "/w/a.env": "A=${B:-c}\n"])
        files.contents["/w/compose.yaml"] = bytes
        let request = LoadRequest(currentDirectory: "/w", environment: ["TAG": "t"])
        do throws(LoadFailure) {
            let loaded = try StackLoader(files: files).load(request)
            _ = loaded.text(.yaml)
            _ = loaded.text(.json)
        } catch {
            #expect(error.diagnostics.contains { $0.severity == .error })
            _ = DiagnosticText.render(error.diagnostics)
        }
    }
}

@Test func `what the writer writes, the loader reads back`() throws {
    var random = Seeded(state: 5)
    let alphabet = Array("ab1 :#-{}[]&*!|>'\"%@`,?~=<\\\t\n.$é\u{85}\u{FEFF}")
    for _ in 0..<400 {
        let texts = (0..<3).map { _ in
            String((0..<Int.random(in: 0...8, using: &random)).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
        }
        let value = Value.map([
            "services": .map(["a": .map(["image": .string("x"), "x-t": .list(texts.map { .map(["k": .string($0), "l": .list([.string($0)])]) })])])
        ])
        let written = YAMLText.render(value)
        let loaded = try load(written.replacing("$", with: "$$"))
        let read = loaded.stack.services["a"]?.extensions["x-t"]
        let expected = Value.list(texts.map { .map(["k": .string($0), "l": .list([.string($0)])]) })
        #expect(read == expected, "\(written)")
    }
}

@Test func `a file that extends and includes without end is bounded`() {
    let chain = (0..<200).map { "  s\($0): {extends: s\($0 + 1)}\n" }.joined()
    let found = problems("services:\n" + chain + "  s200: {image: x}\n")
    #expect(found.allSatisfy { $0.contains("error") })
    var files: [String: String] = [:]
    for number in 0..<100 { files["f\(number).yaml"] = "include: [f\(number + 1).yaml]\n" }
    #expect(problems("include: [f0.yaml]\nservices: {a: {image: x}}\n", files).count == 1)
}

@Test func `a thousand services cost a thousand times one`() throws {
    let one = { (number: Int) in
        "  s\(number): {image: \"app:${TAG:-1}\", environment: {A: b}, depends_on: [s\(max(0, number - 1))], <<: *c}\n"
    }
    let yaml = "x-c: &c {restart: always}\nservices:\n  s0: {image: app}\n" + (1..<1000).map(one).joined()
    var count = 0
    let span = try ContinuousClock().measure { count = try load(yaml).stack.services.count }
    #expect(count == 1000)
    print("1000 services loaded in \(span)")
}

@Test func `variables made of variables are bounded`() {
    let lines = "A0=xxxxxxxxxx\n" + (1...60).map { "A\($0)=$A\($0 - 1)$A\($0 - 1)\n" }.joined()
    let found = problems("services: {web: {image: app, env_file: bomb.env}}\n", ["bomb.env": lines])
    #expect(found.first?.hasSuffix("error: variables make this value longer than 4 MiB") == true)
    let long = String(repeating: "y", count: 1 << 20)
    let uses = "services: {web: {image: app, command: [" + Array(repeating: "$L", count: 100).joined(separator: ", ") + "]}}\n"
    #expect(problems(uses, environment: ["L": long]).first?.contains("variables grow to more than 64 MiB of text") == true)
}

@Test func `files that include others many times are bounded`() {
    let many = "include: [" + Array(repeating: "b.yaml", count: 40).joined(separator: ", ") + "]\n"
    let more = "include: [" + Array(repeating: "c.yaml", count: 40).joined(separator: ", ") + "]\n"
    let found = problems(many + "services: {web: {image: app}}\n", ["b.yaml": more, "c.yaml": "services: {c: {image: x}}\n"])
    #expect(found.contains { $0.contains("files include each other more than 1000 times") })
}

@Test func `services that copy much are bounded`() {
    let big = "x-c: &c {" + (0..<1000).map { "k\($0): v" }.joined(separator: ", ") + "}\n"
    let heirs = (0..<520).map { "  s\($0): {extends: base, image: x}\n" }.joined()
    let found = problems(big + "services:\n  base: {image: x, environment: *c}\n" + heirs)
    #expect(found.first?.contains("\"extends\" copies more than 500000 values") == true)
}
