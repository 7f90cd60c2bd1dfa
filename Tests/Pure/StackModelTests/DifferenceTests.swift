import StackModel
import Testing

private func sentences(_ change: (inout Service) -> Void) -> [String] {
    var old = Service(name: "web", image: "nginx:1.25")
    old.environment = ["DEBUG": "0", "DB_PASSWORD": "old", "URL": "pg://me:secret@db/x"]
    old.ports = [PortMapping(target: 80, published: 8080)]
    var new = old
    change(&new)
    return Difference.recreating(from: old, to: new).map(\.sentence)
}

@Test func `equal services differ in nothing`() {
    #expect(sentences { _ in }.isEmpty)
}

@Test func `a change names the field with both values`() {
    #expect(sentences { $0.image = "nginx:1.27" } == ["image nginx:1.25 → nginx:1.27"])
    #expect(sentences { $0.environment["DEBUG"] = "1" } == ["environment.DEBUG 0 → 1"])
    #expect(sentences { $0.environment["DEBUG"] = nil } == ["environment.DEBUG 0 removed"])
    #expect(sentences { $0.user = "1000" } == ["user 1000 added"])
    #expect(sentences { $0.command = ["a", "b c"] } == ["command [a b c] added"])
    #expect(sentences { $0.ports.append(PortMapping(target: 53, hostIP: "::1", proto: .udp)) } == ["ports 8080:80 → 8080:80, [::1]::53/udp"])
    #expect(sentences { $0.resources.memory = 512 << 20 } == ["mem_limit 512M added"])
    #expect(sentences { $0.networks["front"] = NetworkAttachment(aliases: ["www"]) } == ["networks.front attached as www added"])
}

@Test func `secrets are named but never shown`() {
    #expect(sentences { $0.environment["DB_PASSWORD"] = "new" } == ["environment.DB_PASSWORD (hidden) → (hidden)"])
    #expect(
        sentences { $0.environment["URL"] = "pg://me:other@db/y" } == ["environment.URL pg://me:(hidden)@db/x → pg://me:(hidden)@db/y"])
    #expect(sentences { $0.environment["API_KEY"] = "k" } == ["environment.API_KEY (hidden) added"])
}

@Test func `several changes come sorted by field`() {
    let found = sentences {
        $0.user = "1"
        $0.image = "b"
        $0.mounts = [ServiceMount(source: .volume(name: "data", noCopy: false, subpath: nil), target: "/data", readOnly: true)]
    }
    #expect(found == ["image nginx:1.25 → b", "user 1 added", "volumes data:/data:ro added"])
}

/// Every stored property of a service, each with a change of it: a property that nobody compares would be a change that
/// `up` silently ignores.
private let recreatingChanges: [String: @Sendable (inout Service) -> Void] = [
    "image": { $0.image = "x" }, "entrypoint": { $0.entrypoint = [] }, "command": { $0.command = ["x"] },
    "environment": { $0.environment["X"] = "1" }, "ports": { $0.ports = [PortMapping(target: 1)] },
    "mounts": { $0.mounts = [ServiceMount(source: .tmpfs(size: 1, mode: 1), target: "/t")] },
    "networks": { $0.networks["n"] = NetworkAttachment() }, "networkMode": { $0.networkMode = .host },
    "healthcheck": { $0.healthcheck = Healthcheck(test: .shell("x")) }, "containerName": { $0.containerName = "x" },
    "hostname": { $0.hostname = "x" }, "domainname": { $0.domainname = "x" }, "user": { $0.user = "x" },
    "groupAdd": { $0.groupAdd = ["x"] }, "workingDir": { $0.workingDir = "/x" }, "labels": { $0.labels["x"] = "y" },
    "annotations": { $0.annotations["x"] = "y" }, "stopSignal": { $0.stopSignal = "SIGUSR1" },
    "initProcess": { $0.initProcess = true }, "tty": { $0.tty = true }, "stdinOpen": { $0.stdinOpen = true },
    "readOnly": { $0.readOnly = true }, "privileged": { $0.privileged = true }, "capAdd": { $0.capAdd = ["X"] },
    "capDrop": { $0.capDrop = ["X"] }, "securityOpt": { $0.securityOpt = ["x"] }, "sysctls": { $0.sysctls["x"] = "1" },
    "ulimits": { $0.ulimits["nofile"] = Ulimit(soft: 1, hard: 2) }, "shmSize": { $0.shmSize = 1 }, "pidMode": { $0.pidMode = "host" },
    "ipcMode": { $0.ipcMode = "host" }, "oomScoreAdj": { $0.oomScoreAdj = 1 }, "resources": { $0.resources.pids = 1 },
    "extraHosts": { $0.extraHosts = [ExtraHost(name: "a", address: "1.2.3.4")] }, "dns": { $0.dns = ["1.1.1.1"] },
    "dnsSearch": { $0.dnsSearch = ["x"] }, "dnsOptions": { $0.dnsOptions = ["x"] }, "logging": { $0.logging = Logging(driver: "none") },
    "secrets": { $0.secrets = [FileReference(source: "s", target: "/s")] },
    "configs": { $0.configs = [FileReference(source: "s", target: "/s")] },
]
private let steeringChanges: [String: @Sendable (inout Service) -> Void] = [
    "pullPolicy": { $0.pullPolicy = "always" }, "expose": { $0.expose = ["1"] }, "dependsOn": { $0.dependsOn["a"] = Dependency() },
    "restart": { $0.restart = RestartPolicy(condition: .always) }, "stopGracePeriod": { $0.stopGracePeriod = 1 },
    "replicas": { $0.replicas = 2 }, "updateConfig": { $0.updateConfig = UpdateConfig() },
    "rollbackConfig": { $0.rollbackConfig = UpdateConfig() }, "profiles": { $0.profiles = ["x"] },
    "extensions": { $0.extensions["x-a"] = .int(1) },
]

@Test func `every property of a service is compared`() {
    let service = Service(name: "a", image: "b")
    let properties = Set(Mirror(reflecting: service).children.compactMap(\.label)).subtracting(["name"])
    #expect(properties == Set(recreatingChanges.keys).union(steeringChanges.keys))
    for (property, change) in recreatingChanges {
        var changed = service
        change(&changed)
        #expect(Difference.recreating(from: service, to: changed).count == 1, "\(property)")
        #expect(Difference.steering(from: service, to: changed).isEmpty, "\(property)")
    }
    for (property, change) in steeringChanges {
        var changed = service
        change(&changed)
        #expect(Difference.recreating(from: service, to: changed).isEmpty, "\(property)")
        #expect(Difference.steering(from: service, to: changed).count == 1, "\(property)")
    }
}

@Test func `every limit of a service is compared`() {
    let changes: [String: @Sendable (inout ServiceResources) -> Void] = [
        "cpus": { $0.cpus = 1 }, "cpuShares": { $0.cpuShares = 1 }, "cpuQuota": { $0.cpuQuota = 1 }, "cpuPeriod": { $0.cpuPeriod = 1 },
        "cpuset": { $0.cpuset = "0" }, "memory": { $0.memory = 1 }, "memoryReservation": { $0.memoryReservation = 1 },
        "memorySwap": { $0.memorySwap = -1 }, "memorySwappiness": { $0.memorySwappiness = 1 },
        "oomKillDisable": { $0.oomKillDisable = true }, "pids": { $0.pids = 1 },
    ]
    #expect(Set(Mirror(reflecting: ServiceResources()).children.compactMap(\.label)) == Set(changes.keys))
    let service = Service(name: "a", image: "b")
    for (property, change) in changes {
        var changed = service
        change(&changed.resources)
        #expect(Difference.recreating(from: service, to: changed).count == 1, "\(property)")
    }
}

@Test func `a network is made anew for its addresses, not for its labels`() {
    let old = Network(key: "front", name: "shop_front")
    var new = old
    new.labels["a"] = "b"
    #expect(Difference.recreating(from: old, to: new).isEmpty)
    new.subnets = [Network.Subnet(subnet: "10.9.0.0/24", gateway: "10.9.0.1")]
    new.isInternal = true
    #expect(
        Difference.recreating(from: old, to: new).map(\.sentence) == [
            "internal true added", "ipam.config 10.9.0.0/24 gateway 10.9.0.1 added",
        ])
}

@Test func `a volume is made anew for its options`() {
    let old = Volume(key: "data", name: "shop_data")
    var new = old
    new.labels["a"] = "b"
    #expect(Difference.recreating(from: old, to: new).isEmpty)
    new.driverOptions["type"] = "tmpfs"
    #expect(Difference.recreating(from: old, to: new).map(\.sentence) == ["driver_opts.type tmpfs added"])
}
