import StackFile
import StackModel
import Testing

private let minimal = "services: {web: {image: app}}\n"

private func errors(_ work: () throws(LoadFailure) -> LoadedStack) -> [String] {
    do throws(LoadFailure) { return try work().diagnostics.map(line) } catch { return error.diagnostics.map(line) }
}

@Test func `the default names are found here and in folders above`() throws {
    let files = GivenFiles(["/a/compose.yml": minimal, "/a/docker-compose.yml": "services: {old: {image: x}}\n"])
    let loaded = try StackLoader(files: files).load(LoadRequest(currentDirectory: "/a/b/c"))
    #expect(loaded.stack.services.keys.sorted() == ["web"] && loaded.stack.name == "a" && loaded.stack.workingDirectory == "/a")
    #expect(loaded.stack.files == ["/a/compose.yml"])
    #expect(loaded.diagnostics.map(line) == ["warning: several stack files here; \"/a/compose.yml\" is used"])
    let none = errors { () throws(LoadFailure) in try StackLoader(files: GivenFiles([:])).load(LoadRequest(currentDirectory: "/a")) }
    #expect(none == ["error: no configuration file provided: no stack file in \"/a\" or a folder above it | write a compose.yaml, or name a file with -f"])
}

@Test func `an override file is laid over the default one`() throws {
    let loaded = try load(minimal, ["compose.override.yaml": "services: {web: {image: other}}\n"])
    #expect(loaded.stack.services["web"]?.image == "other")
    #expect(loaded.stack.files == ["/work/shop/compose.yaml", "/work/shop/compose.override.yaml"])
    #expect(try load(minimal, ["compose.override.yaml": "services: {web: {image: other}}\n"], files: ["compose.yaml"]).stack.services["web"]?.image == "app")
}

@Test func `files may be named by the environment`() throws {
    let more = ["a.yaml": minimal, "sub/b.yaml": "services: {web: {command: x}}\n"]
    let loaded = try load(minimal, more, environment: ["COMPOSE_FILE": "a.yaml:sub/b.yaml"])
    #expect(loaded.stack.services["web"]?.command == ["x"])
    let fromFile = try load(minimal, ["a.yaml": "services: {db: {image: x}}\n", ".env": "COMPOSE_FILE=a.yaml\nCOMPOSE_PROJECT_NAME=envy\n"])
    #expect(fromFile.stack.services.keys.sorted() == ["db"] && fromFile.stack.name == "envy")
}

@Test func `a stack may come from standard input`() throws {
    let loaded = try load(minimal, ["-": "services: {piped: {image: x, volumes: [\"./a:/a\"]}}\n"].reduce(into: [:]) { $0["/" + $1.key] = $1.value }) {
        $0.files = ["/-"]
        $0.projectDirectory = "/work/shop"
    }
    #expect(loaded.stack.services["piped"]?.mounts.first?.source == .bind(path: "/work/shop/a", createHostPath: true, propagation: nil))
}

@Test func `the name of the project follows the rules`() throws {
    let named = "name: from-file\n" + minimal
    #expect(try load(minimal).stack.name == "shop")
    #expect(try load(named).stack.name == "from-file")
    #expect(try load(named, environment: ["COMPOSE_PROJECT_NAME": "env"]).stack.name == "env")
    #expect(try load(named, environment: ["COMPOSE_PROJECT_NAME": "env"]) { $0.projectName = "flag" }.stack.name == "flag")
    #expect(try load("name: ${N:-x}-y\n" + minimal).stack.name == "x-y")
    #expect(try load("services: {web: {image: \"a/${COMPOSE_PROJECT_NAME}\"}}\n").stack.services["web"]?.image == "a/shop")
    #expect(try load(minimal, ["/Some Dir!/compose.yaml": minimal]) { $0.currentDirectory = "/Some Dir!" }.stack.name == "somedir")
    #expect(problems("name: Bad Name\n" + minimal) == [
        "1:7 error: \"Bad Name\" is not a name for a stack: lower-case letters, digits, \"-\" and \"_\" only, a letter or digit first | \"badname\" would do"
    ])
}

@Test func `variables come from the caller, then the files`() throws {
    let yaml = "services: {web: {image: \"${A}-${B}-${C:-c}\"}}\n"
    #expect(try load(yaml, [".env": "A=1\nB=2\n"], environment: ["B": "caller"]).stack.services["web"]?.image == "1-caller-c")
    let flags = try load(yaml, [".env": "A=1\nB=2\n", "x.env": "A=x\nB=x\n", "y.env": "B=y\n"]) { $0.environmentFiles = ["x.env", "y.env"] }
    #expect(flags.stack.services["web"]?.image == "x-y-c")
    #expect(flags.variables.map(\.name) == ["A", "B", "C"] && flags.variables.last?.defaultValue == "c")
    #expect(problems(yaml) { $0.environmentFiles = ["none.env"] }.first == "error: the variables file \"none.env\" does not exist")
}

@Test func `keys are never interpolated, values are after anchors`() throws {
    let yaml = "services: {web: {image: app, environment: {$A: \"$A $$A\"}, labels: [\"x=${A}\"]}}\n"
    let web = try load(yaml, environment: ["A": "1"]).stack.services["web"]
    #expect(web?.environment == ["$A": "1 $A"] && web?.labels == ["x": "1"])
}

@Test func `profiles switch services on`() throws {
    let yaml = """
        services:
          web: {image: app}
          debug: {image: app, profiles: [debug, all]}
          test: {image: app, profiles: [test], depends_on: [web]}
        """
    func active(_ profiles: [String], _ services: [String] = [], _ environment: [String: String] = [:]) throws -> [String] {
        try load(yaml, environment: environment, profiles: profiles, services: services).stack.services.keys.sorted()
    }
    #expect(try active([]) == ["web"])
    #expect(try active(["all"]) == ["debug", "web"])
    #expect(try active(["*"]) == ["debug", "test", "web"])
    #expect(try active([], [], ["COMPOSE_PROFILES": "debug, test"]) == ["debug", "test", "web"])
    #expect(try active([], ["test"]) == ["test", "web"])
    let loaded = try load(yaml)
    #expect(loaded.inactive.keys.sorted() == ["debug", "test"] && loaded.profiles == ["all", "debug", "test"])
    let typo = errors { () throws(LoadFailure) in try load(yaml, services: ["wbe"]) }
    #expect(typo == ["error: there is no service \"wbe\" in this stack | did you mean \"web\"?"])
}

@Test func `a dependency in an inactive profile is an error unless it may be missing`() throws {
    let yaml = "services:\n  web: {image: app, depends_on: [db]}\n  db: {image: app, profiles: [full]}\n"
    #expect(problems(yaml) == [
        "2:34 error: service \"web\" depends on \"db\", whose profile is not active | add --profile full, or write \"required: false\""
    ])
    let relaxed = yaml.replacing("[db]", with: "{db: {condition: service_started, required: false}}")
    #expect(try load(relaxed).stack.services["web"]?.dependsOn.isEmpty == true)
}

@Test func `files that only inactive or no services name need not be there`() {
    let yaml = """
        services:
          web: {image: app}
          debug: {image: app, profiles: [d], env_file: none.env, secrets: [s], volumes: ["./no.conf:/c"]}
        secrets: {s: {environment: NONE}, t: {file: none.txt}}
        """
    #expect(problems(yaml).isEmpty)
    #expect(
        problems(yaml) { $0.profiles = ["d"] } == [
            "3:48 error: the variables file \"none.env\" does not exist | make it, or write \"required: false\" if it may be missing",
            "3:82 warning: the file \"no.conf\" does not exist; a folder is made in its place | make the file before the stack starts",
            "4:28 error: the variable \"NONE\" of the secret \"s\" is not set",
        ])
}

@Test func `files from elsewhere are refused in words`() {
    #expect(
        problems("include: [\"oci://registry/stack:1\"]\nservices: {web: {image: app}}\n")
            == ["1:11 error: files from elsewhere are not served yet | fetch it and name the local copy"])
}

@Test func `a slip in a key is told once`() {
    #expect(problems("services:\n  web: {imge: app}\n") == ["2:9 error: unknown key \"imge\" in service \"web\" | did you mean \"image\"?"])
}

@Test func `what no service uses is left out`() throws {
    let loaded = try load(
        "services: {web: {image: app, network_mode: none, volumes: [\"data:/d\"]}}\nvolumes: {data: , spare: }\nnetworks: {front: }\n")
    #expect(loaded.stack.volumes.keys.sorted() == ["data"] && loaded.stack.networks.isEmpty)
}

@Test func `top-level resources have names, options and outside owners`() throws {
    let loaded = try load(
        """
        services:
          web:
            image: app
            networks: {front: {ipv4_address: 10.9.0.7}, shared: , default: }
            volumes: ["data:/a", "old:/b", "bound:/c"]
            secrets: [pw, {source: tok, target: /t, uid: "10", gid: 20, mode: 0400}]
            configs: [{source: cfg, target: app.conf}]
        networks:
          front: {driver: bridge, internal: true, ipam: {config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1}]}, driver_opts: {com.docker.network.driver.mtu: 1400}}
          shared: {external: true, name: team}
        volumes:
          data: {labels: {a: b}}
          old: {external: true}
          bound: {driver: local, driver_opts: {type: none, o: bind, device: ./x}}
        secrets:
          pw: {file: ./pw.txt}
          tok: {environment: TOKEN}
        configs:
          cfg: {content: "port=${PORT:-80}"}
        """, ["pw.txt": "x"], environment: ["TOKEN": "t"])
    let stack = loaded.stack
    #expect(stack.networks["front"]?.name == "shop_front" && stack.networks["front"]?.isInternal == true)
    #expect(stack.networks["front"]?.subnets == [Network.Subnet(subnet: "10.9.0.0/24", gateway: "10.9.0.1")])
    #expect(stack.networks["front"]?.driverOptions == ["com.docker.network.driver.mtu": "1400"])
    #expect(stack.networks["shared"]?.name == "team" && stack.networks["shared"]?.external == true)
    #expect(stack.networks["default"]?.name == "shop_default")
    #expect(stack.volumes["data"]?.name == "shop_data" && stack.volumes["old"]?.name == "old" && stack.volumes["old"]?.external == true)
    #expect(stack.volumes["bound"]?.driverOptions["device"] == "/work/shop/x")
    #expect(stack.secrets["pw"]?.source == .file("/work/shop/pw.txt") && stack.secrets["tok"]?.source == .content("t"))
    #expect(!loaded.text(.yaml).contains("content: t") && loaded.text(.yaml).contains("environment: TOKEN"))
    #expect(stack.configs["cfg"]?.source == .content("port=80"))
    #expect(
        stack.services["web"]?.secrets == [
            FileReference(source: "pw", target: "/run/secrets/pw"), FileReference(source: "tok", target: "/t", uid: 10, gid: 20, mode: 0o400),
        ])
    #expect(stack.services["web"]?.configs == [FileReference(source: "cfg", target: "/app.conf")])
}

@Test func `sharing a network namespace is a dependency`() throws {
    let loaded = try load("services:\n  web: {image: app, network_mode: \"service:vpn\"}\n  vpn: {image: app}\n")
    #expect(loaded.stack.services["web"]?.networkMode == .service("vpn"))
    #expect(loaded.stack.services["web"]?.dependsOn == ["vpn": Dependency(condition: .started, restart: true)])
}

@Test func `services share storage and names`() throws {
    let yaml = """
        services:
          app: {image: app, volumes: ["data:/d", "./x:/x:ro", /anon], tmpfs: /run}
          cron: {image: app, volumes_from: ["app:ro"], volumes: ["data:/x"], links: ["app:main", app]}
          odd: {image: app, volumes_from: [none, "app:rx", "container:y"]}
        volumes: {data: }
        """
    #expect(
        problems(yaml) == [
            "3:37 warning: the unnamed volume at \"/anon\" of \"app\" cannot be shared | give it a name there",
            "4:36 error: there is no service \"none\"",
            "4:42 error: \"app:rx\" is not a source of storage | write \"service\" or \"service:ro\"",
            "4:52 error: the storage of a container outside the stack cannot be shared | name a volume of the stack in both",
        ])
    let stack = try load(yaml.split(separator: "\n").filter { !$0.contains("odd") }.joined(separator: "\n")).stack
    let cron = try #require(stack.services["cron"])
    #expect(cron.mounts.map(\.target) == ["/x", "/d"] && cron.mounts.last?.readOnly == true)
    #expect(cron.dependsOn == ["app": Dependency(condition: .started, restart: true)])
    #expect(stack.services["app"]?.networks["default"]?.aliases == ["main"])
}

@Test func `a stack of 50 services loads`() throws {
    let one = { (number: Int) in
        "  s\(number): {image: \"app:${TAG:-1}\", ports: [\"\(number + 1000):80\"], environment: {A: b}, depends_on: [s\(max(0, number - 1))], <<: *c}\n"
    }
    let yaml = "x-c: &c {restart: always, labels: {a: b}}\nservices:\n  s0: {image: app}\n" + (1..<50).map(one).joined()
    let clock = ContinuousClock()
    var count = 0
    let span = try clock.measure { count = try load(yaml).stack.services.count }
    #expect(count == 50)
    print("50 services loaded in \(span)")
}

@Test func `without interpolation the files are shown as they are`() throws {
    let loaded = try load("services: {web: {image: \"a:${T}\", ports: [\"${P}:80\"], cpus: \"${C}\"}}\n") { $0.interpolate = false }
    #expect(loaded.text(.yaml).contains("image: a:${T}") && loaded.text(.yaml).contains("cpus: ${C}"))
}

@Test func `strict loading makes warnings errors`() {
    let yaml = "version: \"3\"\nservices: {web: {image: app}}\n"
    #expect(problems(yaml).first?.contains("warning") == true)
    #expect(problems(yaml) { $0.isStrict = true } == ["1:1 error: \"version\" is obsolete: it has no effect; remove it"])
    #expect(problems(minimal) { $0.isStrict = true }.isEmpty)
}

@Test func `a missing file that is mounted is warned about`() {
    let yaml = "services:\n  web: {image: app, volumes: [\"./app.conf:/c\", \"./data:/d\", {type: bind, source: ./n, target: /n, bind: {create_host_path: false}}]}\n"
    #expect(
        problems(yaml) == [
            "2:31 warning: the file \"app.conf\" does not exist; a folder is made in its place | make the file before the stack starts",
            "2:82 warning: \"n\" does not exist on this host | make it before the stack starts",
        ])
    #expect(problems(yaml, ["app.conf": "", "n/x": ""]).isEmpty)
}

@Test func `lines may end as on Windows, and a file may start with a mark`() throws {
    let loaded = try load("\u{FEFF}services:\r\n  web:\r\n    image: app\r\n    command: a b\r\n")
    #expect(loaded.stack.services["web"]?.command == ["a", "b"])
    #expect(problems("services:\r\n  web:\r\n    imag: app\r\n    image: x\r\n") == ["3:5 error: unknown key \"imag\" in service \"web\" | did you mean \"image\"?"])
}
@Test func `a file that is wrong everywhere ends soon`() {
    let keys = (0..<5_000).map { "    imagx\($0): 1\n" }.joined()
    let found = problems("services:\n  web:\n    image: app\n" + keys)
    #expect(found.count == 201)
    #expect(found.last == "error: more than 200 problems; the rest is not shown")
    let services = (0..<2000).map { "  s\($0): {image: app, depends_on: [t\($0)], volumes: [\"v:/x\"], networks: [n]}\n" }.joined()
    #expect(problems("services:\n" + services).count == 201)
}
