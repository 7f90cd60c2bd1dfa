import StackFile
import StackModel
import Testing

@Test func `commands come as text or list`() throws {
    let one = try service("command: sh -c 'a b'\nentrypoint: [\"/x\", \"1\"]")
    #expect(one.command == ["sh", "-c", "a b"] && one.entrypoint == ["/x", "1"])
    let two = try service("command:\nentrypoint: ''")
    #expect(two.command == nil && two.entrypoint == [])
    #expect(try service("command: [sleep, 5]").command == ["sleep", "5"])
}

@Test func `environment comes from files, attributes and the caller`() throws {
    let text = """
        env_file:
          - a.env
          - {path: b.env, format: raw}
          - {path: none.env, required: false}
        environment:
          - OWN=1
          - TAKEN
          - UNSET
          - B=over
        """
    let one = try service(
        text, environment: ["TAKEN": "t", "V": "v"], ["a.env": "A=${V}\nB=file\nC=x\nTAKEN=file\n", "b.env": "C=\"$V\"\n"])
    #expect(one.environment == ["A": "v", "B": "over", "C": "\"$V\"", "OWN": "1", "TAKEN": "t"])
    #expect(
        try service("environment: {A: 1, B: true, C: 0x10, D: \"1.10\", E: }", environment: [:]).environment
            == ["A": "1", "B": "true", "C": "16", "D": "1.10"])
}

@Test func `ports come short and long`() throws {
    let one = try service(
        """
        ports:
          - "8080:80"
          - {target: 53, published: "5300-5301", protocol: udp, host_ip: 127.0.0.1, name: dns, mode: host}
          - target: 9000
          - 3000
        expose: [80, "90-92/udp"]
        """)
    #expect(
        one.ports == [
            PortMapping(target: 80, published: 8080),
            PortMapping(target: 53, published: 5300, publishedEnd: 5301, hostIP: "127.0.0.1", proto: .udp, name: "dns", mode: "host"),
            PortMapping(target: 9000), PortMapping(target: 3000),
        ])
    #expect(one.expose == ["80", "90-92/udp"])
}

@Test func `volumes come short and long`() throws {
    let one = try service(
        """
        volumes:
          - ./src:/src:ro
          - data:/data:nocopy
          - /anon
          - {type: bind, source: ../up, target: /up, read_only: true, bind: {create_host_path: false, propagation: rslave}}
          - {type: volume, source: logs, target: /logs, volume: {nocopy: true, subpath: a/b}}
          - {type: tmpfs, target: /tmp, tmpfs: {size: 64m, mode: 01777}}
        tmpfs: [/run, "/cache:size=1g,mode=700,ro"]
        """)
    #expect(
        one.mounts == [
            ServiceMount(source: .bind(path: "/work/shop/src", createHostPath: true, propagation: nil), target: "/src", readOnly: true),
            ServiceMount(source: .volume(name: "data", noCopy: true, subpath: nil), target: "/data"),
            ServiceMount(source: .volume(name: nil, noCopy: false, subpath: nil), target: "/anon"),
            ServiceMount(source: .bind(path: "/work/up", createHostPath: false, propagation: "rslave"), target: "/up", readOnly: true),
            ServiceMount(source: .volume(name: "logs", noCopy: true, subpath: "a/b"), target: "/logs"),
            ServiceMount(source: .tmpfs(size: 64 << 20, mode: 0o1777), target: "/tmp"),
            ServiceMount(source: .tmpfs(size: nil, mode: nil), target: "/run"),
            ServiceMount(source: .tmpfs(size: 1 << 30, mode: 0o700), target: "/cache", readOnly: true),
        ])
}

@Test func `networks come as list and mapping, and there is a default`() throws {
    #expect(try service("hostname: h").networks == ["default": NetworkAttachment()])
    #expect(try service("networks: [front, back]").networks.keys.sorted() == ["back", "front"])
    let one = try service("networks: {front: {aliases: [www, www, site], gw_priority: 1, priority: 10, interface_name: eth7}, back: }")
    #expect(one.networks["front"]?.aliases == ["www", "site"])
    #expect(one.networks["front"]?.gatewayPriority == 1 && one.networks["front"]?.interfaceName == "eth7")
    #expect(try service("network_mode: host").networkMode == .host)
    #expect(try service("network_mode: none").networks.isEmpty)
}

@Test func `health checks have all their forms`() throws {
    #expect(try service("healthcheck: {test: curl x}").healthcheck?.test == .shell("curl x"))
    #expect(try service("healthcheck: {test: [CMD, curl, x]}").healthcheck?.test == .command(["curl", "x"]))
    #expect(try service("healthcheck: {test: [CMD-SHELL, curl x]}").healthcheck?.test == .shell("curl x"))
    #expect(try service("healthcheck: {test: [NONE]}").healthcheck == Healthcheck(test: .none))
    #expect(try service("healthcheck: {disable: true, test: x}").healthcheck == Healthcheck(test: .none))
    let one = try service("healthcheck: {interval: 1m, timeout: 2s, retries: 3, start_period: 1s, start_interval: 500ms}").healthcheck
    #expect(
        one == Healthcheck(test: .inherited, interval: 60_000, timeout: 2000, retries: 3, startPeriod: 1000, startInterval: 500))
}

@Test func `restart policies have all their forms`() throws {
    #expect(try service("restart: \"no\"").restart == RestartPolicy())
    #expect(try service("restart: no").restart == RestartPolicy())
    #expect(try service("restart: always").restart.condition == .always)
    #expect(try service("restart: on-failure:3").restart == RestartPolicy(condition: .onFailure, maxAttempts: 3))
    #expect(try service("restart: unless-stopped").restart.condition == .unlessStopped)
    let deployed = try service("restart: always\ndeploy: {restart_policy: {condition: on-failure, delay: 5s, max_attempts: 2, window: 1m}}")
    #expect(deployed.restart == RestartPolicy(condition: .onFailure, maxAttempts: 2, delay: 5000, window: 60_000))
    #expect(try service("deploy: {restart_policy: {condition: any}}").restart.condition == .always)
    #expect(try service("deploy: {restart_policy: {condition: none}}").restart.condition == .no)
}

@Test func `limits come from both places`() throws {
    let one = try service("cpus: 0.5\nmem_limit: 1g\nmem_reservation: 512m\nmemswap_limit: -1\npids_limit: 100\ncpu_shares: 512\ncpuset: 0-1\nshm_size: 64m")
    #expect(one.resources.cpus == 0.5 && one.resources.memory == 1 << 30 && one.resources.memoryReservation == 512 << 20)
    #expect(one.resources.memorySwap == -1 && one.resources.pids == 100 && one.resources.cpuShares == 512 && one.shmSize == 64 << 20)
    let two = try service("deploy: {replicas: 3, resources: {limits: {cpus: \"2\", memory: 64M, pids: 10}, reservations: {memory: 32M}}}")
    #expect(two.replicas == 3 && two.resources.cpus == 2 && two.resources.memory == 64 << 20 && two.resources.pids == 10)
    #expect(two.resources.memoryReservation == 32 << 20)
    #expect(try service("scale: 4").replicas == 4)
    #expect(try service("scale: 2\ndeploy: {replicas: 2}").replicas == 2)
}

@Test func `the rest of the attributes arrive`() throws {
    let one = try service(
        """
        container_name: web-1
        hostname: h
        domainname: d
        user: "1000:1000"
        group_add: [10, wheel]
        working_dir: /app
        labels: [a=b, c]
        annotations: {x: 1}
        stop_signal: SIGUSR1
        stop_grace_period: 1m30s
        init: true
        tty: true
        stdin_open: true
        read_only: "true"
        privileged: false
        cap_add: [NET_ADMIN, NET_ADMIN]
        cap_drop: [ALL]
        security_opt: [no-new-privileges]
        sysctls: {net.core.somaxconn: 1024}
        ulimits: {nofile: {soft: 10, hard: 20}, nproc: 5}
        extra_hosts: ["a=1.2.3.4", "b:[::1]", "c:host-gateway"]
        dns: 1.1.1.1
        dns_search: [x.y]
        dns_opt: [ndots:2]
        pull_policy: if_not_present
        logging: {driver: json-file, options: {max-size: 1m, max-file: 3}}
        pid: host
        ipc: shareable
        oom_score_adj: -5
        x-own: {a: [1, two]}
        """)
    #expect(one.containerName == "web-1" && one.hostname == "h" && one.domainname == "d" && one.user == "1000:1000")
    #expect(one.groupAdd == ["10", "wheel"] && one.workingDir == "/app" && one.labels == ["a": "b", "c": ""] && one.annotations == ["x": "1"])
    #expect(one.stopSignal == "SIGUSR1" && one.stopGracePeriod == 90_000 && one.initProcess && one.tty && one.stdinOpen && one.readOnly)
    #expect(!one.privileged && one.capAdd == ["NET_ADMIN"] && one.capDrop == ["ALL"] && one.securityOpt == ["no-new-privileges"])
    #expect(one.sysctls == ["net.core.somaxconn": "1024"])
    #expect(one.ulimits == ["nofile": Ulimit(soft: 10, hard: 20), "nproc": Ulimit(soft: 5, hard: 5)])
    #expect(one.extraHosts.map { "\($0.name) \($0.address)" } == ["a 1.2.3.4", "b ::1", "c host-gateway"])
    #expect(one.dns == ["1.1.1.1"] && one.dnsSearch == ["x.y"] && one.dnsOptions == ["ndots:2"] && one.pullPolicy == "missing")
    #expect(one.logging == Logging(driver: "json-file", options: ["max-size": "1m", "max-file": "3"]))
    #expect(one.pidMode == "host" && one.ipcMode == "shareable" && one.oomScoreAdj == -5)
    #expect(one.extensions == ["x-own": .map(["a": .list([.int(1), .string("two")])])])
}

@Test func `update settings keep their defaults`() throws {
    let one = try service("deploy: {update_config: {parallelism: 2, order: start-first, failure_action: rollback}, rollback_config: {delay: 1s}}")
    var update = UpdateConfig()
    update.parallelism = 2
    update.order = .startFirst
    update.failureAction = .rollback
    var back = UpdateConfig()
    back.delay = 1000
    #expect(one.updateConfig == update && one.rollbackConfig == back)
}
