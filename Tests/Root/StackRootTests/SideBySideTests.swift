import FoundationEssentials
import TestSupport
import Testing

extension Scenarios {
    @Suite("On one host") struct SideBySide {
        @Test("two engines with the same stack do not touch each other")
        func engines() throws {
            let (one, two) = (try GantryHost("one"), try GantryHost("two"))
            defer {
                one.end()
                two.end()
            }
            let ports = [Port.free(), Port.free()]
            for (host, port) in zip([one, two], ports) {
                try host.stackFile(Files.web(port))
                try host.must("up", "-d")
            }
            for port in ports { #expect(eventually { HTTP.get(port)?.status == 200 }) }
            #expect(try one.rows().count == 1 && two.rows().count == 1)
            let main = try two.processes(service: "web")?.main
            try one.must("down", "-t", "0")
            #expect(HTTP.get(ports[1])?.status == 200)
            #expect(try two.processes(service: "web")?.main == main)
            try one.must("system", "stop", "--all")
            #expect(HTTP.get(ports[1])?.status == 200)
        }

        @Test("a volume keeps its data over down and up, and goes with down -v")
        func volumes() throws {
            let host = try GantryHost("volumes")
            defer { host.end() }
            try host.stackFile(Files.sleepers(["a"], extra: "    volumes: [\"data:/data\"]\n") + "volumes:\n  data:\n")
            let before = host.snapshot()
            try host.must("up", "-d")
            try host.must("exec", "-T", "a", "sh", "-c", "echo kept > /data/file")
            try host.must("down", "-t", "0")
            try host.must("up", "-d")
            #expect(try host.gantry("exec", "-T", "a", "cat", "/data/file").stdout == "kept\n")
            try host.must("down", "-v", "-t", "0")
            host.expectSame(as: before)
        }

        /// In a network namespace of its own, because dockerd changes the firewall of the one it is in.
        @Test("beside Docker, whose firewall drops what others forward", .enabled(if: Programs.has("dockerd") && Programs.has("ip"), "needs dockerd and ip"))
        func docker() throws {
            let scratch = Scratch("docker")
            try TestImage.busybox("gantry-hello:1", at: "\(scratch.path)/hello.tar")
            try scratch.write("p/compose.yaml", Self.dockerStack)
            try scratch.write("run.sh", Self.script)
            let result = try Command.run(
                "unshare", ["--net", "--mount", "sh", "\(scratch.path)/run.sh", scratch.path, Programs.gantry], timeout: 180)
            if result.stdout.contains("no docker here") { return print("skipped: dockerd does not start here: \(result.stderr.suffix(300))") }
            #expect(result.stdout.contains("between services: ok"), "\(result)")
            #expect(result.stdout.contains("published: ok"), "\(result)")
        }

        private static let dockerStack = """
            services:
              web:
                image: gantry-hello:1
                command: [httpd, -f, -p, "8080", -h, /www]
                init: true
                ports: ["18080:8080"]
              client: {image: "gantry-hello:1", command: [sleep, "100000"], init: true}
            """

        private static let script = """
            scratch=$1 gantry=$2
            ip link set lo up
            dockerd --data-root $scratch/d --exec-root $scratch/e -H unix://$scratch/s -p $scratch/pid >$scratch/dockerd.log 2>&1 &
            docker=$!
            for i in $(seq 150); do DOCKER_HOST=unix://$scratch/s docker info >/dev/null 2>&1 && break; sleep 0.2; done
            DOCKER_HOST=unix://$scratch/s docker info >/dev/null 2>&1 || { echo no docker here; tail -3 $scratch/dockerd.log >&2; kill $docker; exit 0; }
            cd $scratch/p
            g() { $gantry --root $scratch/root --run $scratch/run "$@"; }
            g image load <$scratch/hello.tar
            g up -d
            for i in $(seq 20); do
                g exec -T client wget -q -O - http://web:8080/ | grep -q Hello && { echo between services: ok; break; }
                sleep 0.3
            done
            busybox wget -q -O - http://127.0.0.1:18080/ | grep -q Hello && echo published: ok
            g system stop --all
            kill $docker
            wait $docker
            """
    }
}
