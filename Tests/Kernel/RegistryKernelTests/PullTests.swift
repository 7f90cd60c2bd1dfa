import FoundationEssentials
import Glibc
import Images
import Linux
import OCI
import Registry
import TestSupport
import Testing

@Suite("Images from a registry", .enabled(if: Machine.isRoot, "needs root: layers keep their owners"), .serialized) struct PullTests {
    private func store() throws -> (Scratch, ImageStore) {
        let scratch = Scratch("pull")
        return (scratch, try ImageStore(root: "\(scratch.path)/root"))
    }

    private func pull(_ store: ImageStore, _ name: String, _ login: Credentials? = nil) throws -> ImageRecord {
        try store.pull(name, settings: RegistrySettings(), credentials: login, cancellation: Cancellation()) { _ in }
    }

    @Test("Debian's registry: both manifest formats, digests, tags, shared layers", .enabled(if: LocalRegistry.isThere, "needs docker-registry and skopeo"))
    func real() throws {
        let registry = try LocalRegistry()
        defer { registry.end() }
        let archive = "\(registry.scratch.path)/hello.tar"
        try TestImage.busybox("hello:1", at: archive)
        let (scratch, store) = try store()
        defer { withExtendedLifetime(scratch) {} }
        let host = "127.0.0.1:\(registry.port)"
        for format in ["v2s2", "oci"] {
            try registry.push(archive, as: "team/hello:\(format)", format: format)
            let image = try pull(store, "\(host)/team/hello:\(format)")
            #expect(image.names == ["\(host)/team/hello:\(format)"])
            #expect(FileManager.default.fileExists(atPath: "\(store.layers(of: image)[0])/bin/busybox"))
        }
        #expect(try File.list("\(scratch.path)/root/images/layers").count == 1, "two images of one layer share it")
        #expect(try File.list("\(scratch.path)/root/images/tmp").isEmpty)
        let inspected = try Command.run("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://\(host)/team/hello:oci"])
        let digest = inspected.stdout.filter { $0 != "\n" }
        #expect(try pull(store, "\(host)/team/hello@\(digest)").layers.count == 1)
        #expect { try pull(store, "\(host)/team/none:1") } throws: { ($0 as? ImageError)?.code == .notFound }
    }

    @Test("a registry that wants a login", .enabled(if: LocalRegistry.isThere && Programs.has("htpasswd"), "needs docker-registry, skopeo and htpasswd"))
    func login() throws {
        let login = (user: "ann", secret: "pa:ss wörd")
        let registry = try LocalRegistry(login: login)
        defer { registry.end() }
        let archive = "\(registry.scratch.path)/hello.tar"
        try TestImage.busybox("hello:1", at: archive)
        try registry.push(archive, as: "hello:1", login: login)
        let (scratch, store) = try store()
        defer { withExtendedLifetime(scratch) {} }
        let name = "127.0.0.1:\(registry.port)/hello:1"
        #expect(throws: ImageError.self) { try pull(store, name) }
        #expect(throws: ImageError.self) { try pull(store, name, Credentials(user: "ann", secret: "wrong")) }
        #expect(try pull(store, name, Credentials(user: login.user, secret: login.secret)).layers.count == 1)
        try store.check(domain: "127.0.0.1:\(registry.port)", settings: RegistrySettings(), credentials: Credentials(user: login.user, secret: login.secret))
        #expect(throws: ImageError.self) {
            try store.check(domain: "127.0.0.1:\(registry.port)", settings: RegistrySettings(), credentials: Credentials(user: "ann", secret: "no"))
        }
    }
}
