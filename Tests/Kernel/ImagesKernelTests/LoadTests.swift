import FoundationEssentials
import Glibc
import Images
import Linux
import OCI
import TestSupport
import Testing

@Suite("Loading images", .enabled(if: Machine.isRoot, "needs root: layers keep their owners"), .serialized) struct LoadTests {
    private var layer: [UInt8] {
        var tar = Tar()
        tar.add("etc/", type: "5", mode: 0o755)
        tar.add("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:App:/home/app:/bin/sh\nlast:x:70000:70000::/:/bin/sh")
        tar.add("etc/group", "root:x:0:\napp:x:1001:\nwheel:x:10:app,other\nextra:x:20:app\n")
        tar.add("bin/tool", "#!/bin/sh\n", mode: 0o4755, uid: 7, gid: 8)
        tar.add("bin/same", type: "1", link: "bin/tool")
        tar.add("bin/link", type: "2", link: "tool")
        tar.add("dev/null", type: "3", mode: 0o666, major: 1, minor: 3)
        tar.add("pipe", type: "6")
        tar.add("long", "x", pax: ["path": "deep/" + String(repeating: "n", count: 180) + "/ünï", "SCHILY.xattr.user.note": "hello"])
        return tar.finished
    }

    @Test("a docker archive through a pipe: files, modes, owners, links, devices, names, attributes")
    func docker() throws {
        let shop = try Shop()
        let image = try #require(try shop.load(try Shop.docker("app:1", layers: [layer])).first?.record)
        #expect(image.names == ["app:1"] && image.layers.count == 1)
        let tool = try File.status(shop.file("bin/tool", of: image))
        #expect(tool.mode & 0o7777 == 0o4755 && tool.uid == 7 && tool.gid == 8 && tool.modifiedNanoseconds == 1_700_000_000_000_000_000)
        #expect(try File.status(shop.file("bin/same", of: image)).inode == tool.inode)
        #expect(try File.readLink(shop.file("bin/link", of: image)) == "tool")
        let null = try File.status(shop.file("dev/null", of: image))
        #expect(null.isCharacterDevice && null.rdev == 0x103)
        let long = shop.file("deep/" + String(repeating: "n", count: 180) + "/ünï", of: image)
        #expect(try File.text(long) == "x")
        let open = try File.open(long)
        #expect(try File.attribute(fd: open.raw, "user.note") == Array("hello".utf8))
    }

    @Test("a second load brings nothing new; an image of the same layer shares it")
    func shared() throws {
        let shop = try Shop()
        let first = try shop.load(try Shop.docker("app:1", layers: [layer]))
        let again = try shop.load(try Shop.docker("app:1", layers: [layer]))
        #expect(first == again)
        var config = ImageConfig()
        config.cmd = ["other"]
        _ = try shop.load(try Shop.docker("other:1", layers: [layer], config: config))
        #expect(try shop.store.list().map(\.names) == [["app:1"], ["other:1"]])
        #expect(shop.leftovers.count == 1)
        #expect(try shop.store.remove("app:1", force: false, inUse: []).count == 2)
        #expect(shop.leftovers.count == 1)
    }

    @Test("whiteouts and opaque folders as overlayfs has them; the merged view follows them")
    func whiteouts() throws {
        var lower = Tar()
        for name in ["a/one", "a/two", "b/old", "c"] { lower.add(name, "lower") }
        var upper = Tar()
        upper.add("a/.wh.one")
        upper.add("b/.wh..wh..opq")
        upper.add("b/new", "upper")
        upper.add(".wh.c")
        let shop = try Shop()
        let image = try #require(try shop.load(try Shop.docker("w:1", layers: [lower.finished, upper.finished])).first?.record)
        let gone = try File.status(shop.file("a/one", of: image), followLinks: false)
        #expect(gone.isCharacterDevice && gone.rdev == 0)
        let opaque = try File.open(shop.file("b", of: image))
        #expect(try File.attribute(fd: opaque.raw, "trusted.overlay.opaque") == [UInt8(ascii: "y")])
        let volume = "\(shop.scratch.path)/volume"
        for (path, expected) in [("a", ["two"]), ("b", ["new"]), ("/", ["a", "b"])] {
            try File.makeDirectories(volume)
            try shop.store.seed(volume: volume, from: path, in: image)
            #expect(try File.list(volume) == expected, "\(path)")
            try File.removeTree(volume)
        }
    }

    @Test("users and groups by the image's own files")
    func users() throws {
        let shop = try Shop()
        let image = try #require(try shop.load(try Shop.docker("app:1", layers: [layer])).first?.record)
        func user(_ text: String) throws -> ResolvedUser { try shop.store.user(text, in: image, upper: nil) }
        #expect(try user("") == ResolvedUser(uid: 0, gid: 0, home: "/root"))
        #expect(try user("app") == ResolvedUser(uid: 1000, gid: 1001, groups: [10, 20], home: "/home/app"))
        #expect(try user("1000") == user("app"))
        #expect(try user("app:wheel") == ResolvedUser(uid: 1000, gid: 10, home: "/home/app"))
        #expect(try user("5:6") == ResolvedUser(uid: 5, gid: 6, home: "/"))
        #expect(try user("last").uid == 70000)
        #expect(try shop.store.groups(["wheel", "33"], in: image) == [10, 33])
        for bad in ["nobody", "app:none", "-1", "4294967295"] {
            #expect(throws: ImageError.self, "\(bad)") { try user(bad) }
        }
        let upper = "\(shop.scratch.path)/upper"
        try File.makeDirectories("\(upper)/etc")
        try File.writeAtomically("\(upper)/etc/passwd", Array("new:x:5:5::/new:/bin/sh\n".utf8))
        #expect(try shop.store.user("new", in: image, upper: upper).home == "/new")
    }

    @Test("names: tag, resolve by name, id and prefix, remove")
    func names() throws {
        let shop = try Shop()
        let image = try #require(try shop.load(try Shop.docker("app", layers: [layer])).first?.record)
        #expect(image.names == ["app:latest"])
        try shop.store.tag("app", as: "team/app:2")
        #expect(try shop.store.resolve("docker.io/library/app")?.id == image.id)
        #expect(try shop.store.resolve(String(image.id.dropFirst(7).prefix(12)))?.names == ["app:latest", "team/app:2"])
        #expect(try shop.store.resolve("none") == nil)
        #expect(throws: ImageError.self) { try shop.store.tag("app", as: "Bad Name") }
        #expect(try shop.store.remove("team/app:2", force: false, inUse: [image.id]) == ["team/app:2"])
        #expect(throws: ImageError.self) { try shop.store.remove("app", force: false, inUse: [image.id]) }
        #expect(try shop.store.remove("app", force: false, inUse: []) == ["app:latest", image.id])
        #expect(shop.leftovers.isEmpty)
        #expect(try ImageStore(root: "\(shop.scratch.path)/root").list().isEmpty)
    }

    @Test("import: a root filesystem becomes an image, with changes as in a Dockerfile")
    func imported() throws {
        let shop = try Shop()
        let changes = ["CMD [\"run\", \"it\"]", "ENV A=1 B=\"two words\"", "EXPOSE 80", "WORKDIR /w", "USER app", "VOLUME /data", "LABEL l=v", "ENTRYPOINT echo hi"]
        let image = try shop.withPipe(layer) { try shop.store.importRootfs(fd: $0, name: "root:1", changes: changes).record }
        #expect(image.config.cmd == ["run", "it"] && image.config.env == ["A=1", "B=two words"] && image.config.user == "app")
        #expect(image.config.exposedPorts?.keys.first == "80/tcp" && image.config.workingDir == "/w" && image.config.labels == ["l": "v"])
        #expect(image.config.entrypoint == ["/bin/sh", "-c", "echo hi"] && image.config.volumes?.keys.first == "/data")
        #expect(throws: ImageError.self) { try shop.withPipe(layer) { try shop.store.importRootfs(fd: $0, name: "x:1", changes: ["NONSENSE 1"]) } }
    }

    @Test("what skopeo and umoci write", .enabled(if: Programs.has("skopeo"), "needs skopeo"))
    func tools() throws {
        let shop = try Shop()
        let archive = "\(shop.scratch.path)/docker.tar"
        try Data(try Shop.docker("app:1", layers: [layer])).write(to: URL(filePath: archive))
        let folder = shop.scratch.path
        for (format, place) in [("oci:\(folder)/layout:app", "\(folder)/layout"), ("oci-archive:\(folder)/oci.tar:app:2", "\(folder)/oci.tar")] {
            let copy = try Command.run("skopeo", ["--insecure-policy", "copy", "-q", "docker-archive:\(archive)", format])
            #expect(copy.succeeded, "\(copy)")
            let image = try #require(try shop.store.load(path: place).first?.record, "\(place)")
            #expect(image.layers.count == 1 && FileManager.default.fileExists(atPath: shop.file("bin/tool", of: image)))
        }
    }

    @Test("a store that was killed in the middle is swept, and its index that cannot be read is told and kept")
    func damage() throws {
        let shop = try Shop()
        let root = "\(shop.scratch.path)/root"
        _ = try shop.load(try Shop.docker("app:1", layers: [layer]))
        try File.makeDirectories("\(root)/images/tmp/layer-half/etc")
        let store = try ImageStore(root: root)
        #expect(try store.list().count == 1)
        #expect(try File.list("\(root)/images/tmp").isEmpty)
        try File.writeAtomically("\(root)/images/index.json", Array("{ half".utf8))
        #expect(throws: ImageError.self) { try ImageStore(root: root) }
        #expect(try File.text("\(root)/images/index.json") == "{ half")
    }
}
