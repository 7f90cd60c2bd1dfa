import StackFile
import StackModel
import Testing

private func merged(_ base: String, _ over: String) throws -> Service {
    func file(_ attributes: String) -> String {
        "services:\n  web:\n" + attributes.split(separator: "\n").map { "    \($0)\n" }.joined() + "volumes: {data: , other: }\nnetworks: {a: , b: }\n"
    }
    let loaded = try load(file("image: app\n" + base), ["over.yaml": file(over)], files: ["compose.yaml", "over.yaml"])
    return loaded.stack.services["web"] ?? Service(name: "absent", image: "")
}

@Test func `mappings and lists of pairs merge by key`() throws {
    #expect(try merged("environment: {A: 1, B: 2}", "environment: [B=3, C=4]").environment == ["A": "1", "B": "3", "C": "4"])
    #expect(try merged("labels: [a=1]", "labels: {b: 2}").labels == ["a": "1", "b": "2"])
    #expect(try merged("sysctls: [a=1]", "sysctls: [a=2]").sysctls == ["a": "2"])
}

@Test func `commands and tests of health replace`() throws {
    #expect(try merged("command: [a, b]", "command: [c]").command == ["c"])
    #expect(try merged("entrypoint: a b", "entrypoint: [c]").entrypoint == ["c"])
    let health = try merged("healthcheck: {test: [CMD, a], interval: 5s}", "healthcheck: {test: [CMD, b]}").healthcheck
    #expect(health == Healthcheck(test: .command(["b"]), interval: 5000))
}

@Test func `lists append and drop doubles`() throws {
    #expect(try merged("cap_add: [A, B]", "cap_add: [B, C]").capAdd == ["A", "B", "C"])
    #expect(try merged("dns: 1.1.1.1", "dns: [2.2.2.2, 1.1.1.1]").dns == ["1.1.1.1", "2.2.2.2"])
    let ports = try merged("ports: [\"80:80\", \"81:81\"]", "ports: [{target: 80, published: 80}, \"82:82\"]").ports
    #expect(ports.map(\.published) == [80, 81, 82])
}

@Test func `volumes merge by target`() throws {
    let mounts = try merged("volumes: [\"data:/a\", \"/b\"]", "volumes: [\"./x:/a:ro\", {type: tmpfs, target: /c}]").mounts
    #expect(mounts.map(\.target) == ["/a", "/b", "/c"])
    #expect(mounts.first?.source == .bind(path: "/work/shop/x", createHostPath: true, propagation: nil) && mounts.first?.readOnly == true)
}

@Test func `networks and dependencies merge in both forms`() throws {
    let networks = try merged("networks: [a]", "networks: {a: {aliases: [x]}, b: }").networks
    #expect(networks.keys.sorted() == ["a", "b"] && networks["a"]?.aliases == ["x"])
    let base = "services:\n  web: {image: app, depends_on: [db]}\n  db: {image: app}\n"
    let loaded = try load(base, ["o.yaml": "services: {web: {depends_on: {db: {condition: service_healthy}}}}\n"], files: ["compose.yaml", "o.yaml"])
    #expect(loaded.stack.services["web"]?.dependsOn["db"]?.condition == .healthy)
}

@Test func `logging merges only within one driver`() throws {
    let same = try merged("logging: {driver: json-file, options: {max-size: 1m}}", "logging: {options: {max-file: \"2\"}}").logging
    #expect(same == Logging(driver: "json-file", options: ["max-size": "1m", "max-file": "2"]))
    let other = try merged("logging: {driver: json-file, options: {max-size: 1m}}", "logging: {driver: none}").logging
    #expect(other == Logging(driver: "none"))
}

@Test func `reset and override steer the merge`() throws {
    #expect(try merged("ports: [\"80:80\"]", "ports: !reset []").ports.isEmpty)
    #expect(try merged("ports: [\"80:80\"]", "ports: !override [\"81:81\"]").ports.map(\.published) == [81])
    #expect(try merged("environment: {A: 1, B: 2}", "environment: {A: !reset null}").environment == ["B": "2"])
    #expect(try merged("deploy: {replicas: 3}", "deploy: !reset null").replicas == 1)
}

@Test func `relative paths start from the first file's folder`() throws {
    let more = ["a/one.yaml": "services: {web: {image: app, volumes: [\"./x:/x\"]}}\n", "b/two.yaml": "services: {web: {volumes: [\"./y:/y\"]}}\n"]
    let loaded = try load("", more, files: ["a/one.yaml", "b/two.yaml"])
    let sources = loaded.stack.services["web"]?.mounts.map(\.source)
    #expect(sources == ["x", "y"].map { .bind(path: "/work/shop/a/\($0)", createHostPath: true, propagation: nil) })
    #expect(loaded.stack.name == "a")
}

@Test func `a service extends another of its file and of others`() throws {
    let yaml = """
        services:
          base: {image: app, environment: {A: 1, B: 2}, ports: ["80:80"], profiles: [never]}
          web:
            extends: base
            environment: {B: 3}
            ports: ["81:81"]
            profiles: !reset []
          far: {extends: {service: top, file: sub/common.yaml}, command: run}
        """
    let common = """
        services:
          root: {image: "far:${T:-1}", volumes: ["./v:/v"], env_file: far.env}
          top: {extends: root, labels: {l: "1"}}
        """
    let stack = try load(yaml, ["sub/common.yaml": common, "sub/far.env": "F=1\n"]).stack
    #expect(stack.services["web"]?.image == "app" && stack.services["web"]?.environment == ["A": "1", "B": "3"])
    #expect(stack.services["web"]?.ports.map(\.published) == [80, 81])
    let far = try #require(stack.services["far"])
    #expect(far.image == "far:1" && far.command == ["run"] && far.labels == ["l": "1"] && far.environment == ["F": "1"])
    #expect(far.mounts.first?.source == .bind(path: "/work/shop/sub/v", createHostPath: true, propagation: nil))
}

@Test func `extends that fail are told with the chain that led there`() throws {
    let yaml = "services:\n  a: {extends: b}\n  b: {extends: a}\n  c: {extends: {service: x, file: o.yaml}}\n  d: {extends: {service: x, file: none.yaml}}\n"
    #expect(
        problems(yaml, ["o.yaml": "services:\n  y: {imag: app}\n"]) == [
            "2:16 error: services extend each other: \"a\" → \"b\" → \"a\"",
            "4:26 error: there is no service \"x\" in \"o.yaml\" to extend | did you mean \"y\"?",
            "5:35 error: the extended file \"none.yaml\" does not exist",
            "o.yaml:2:7 error: unknown key \"imag\" in service \"y\" | did you mean \"image\"?",
        ])
    do throws(LoadFailure) { _ = try load(yaml, ["o.yaml": "services:\n  y: {imag: app}\n"]) } catch {
        #expect(error.diagnostics.last?.chain == [Mark(file: "compose.yaml", line: 4, column: 35)])
        #expect(error.diagnostics.last.map { DiagnosticText.render($0) } == """
            from compose.yaml:4:
            o.yaml:2:7: error: unknown key "imag" in service "y"
              2 |   y: {imag: app}
                |       ^
              hint: did you mean "image"?
            """)
    }
}

@Test func `included files keep their folder and variables`() throws {
    let yaml = """
        include:
          - sub/db.yaml
          - {path: [sub/cache.yaml, cache.over.yaml], env_file: cache.env, project_directory: other}
        services:
          web: {image: app, depends_on: [db, cache]}
          db: {command: own}
        """
    let more = [
        "sub/db.yaml": "services: {db: {image: \"pg:${V}\", volumes: [\"./d:/d\", \"data:/x\"]}}\nvolumes: {data: }\n", "sub/.env": "V=15\n",
        "sub/cache.yaml": "services: {cache: {image: \"redis:${V}\", volumes: [\"./c:/c\"]}}\n",
        "cache.over.yaml": "services: {cache: {command: fast}}\n", "cache.env": "V=7\n",
    ]
    let stack = try load(yaml, more).stack
    #expect(stack.services["db"]?.image == "pg:15" && stack.services["db"]?.command == ["own"])
    #expect(stack.services["db"]?.mounts.first?.source == .bind(path: "/work/shop/sub/d", createHostPath: true, propagation: nil))
    #expect(stack.services["cache"]?.image == "redis:7" && stack.services["cache"]?.command == ["fast"])
    #expect(stack.services["cache"]?.mounts.first?.source == .bind(path: "/work/shop/other/c", createHostPath: true, propagation: nil))
    #expect(stack.volumes["data"]?.name == "shop_data")
}

@Test func `files that include each other are refused`() {
    let found = problems("include: [a.yaml]\nservices: {web: {image: app}}\n", ["a.yaml": "include: [b.yaml]\n", "b.yaml": "include: [a.yaml]\n"])
    #expect(found == ["b.yaml:1:11 error: files include each other: a.yaml → b.yaml → a.yaml"])
    #expect(
        problems("include: [compose.yaml]\nservices: {web: {image: app}}\n")
            == ["1:11 error: files include each other: compose.yaml → compose.yaml"])
}
