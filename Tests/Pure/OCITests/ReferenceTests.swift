import OCI
import TestSupport
import Testing

@Suite("Image names") struct ReferenceTests {
    @Test(arguments: [
        ("nginx", "docker.io/library/nginx", "nginx"), ("nginx:1.27", "docker.io/library/nginx:1.27", "nginx:1.27"),
        ("team/app", "docker.io/team/app", "team/app"), ("localhost/app", "localhost/app", "localhost/app"),
        ("registry.example:5000/a/b:x", "registry.example:5000/a/b:x", "registry.example:5000/a/b:x"),
        ("docker.io/library/nginx:1", "docker.io/library/nginx:1", "nginx:1"), ("index.docker.io/nginx", "docker.io/library/nginx", "nginx"),
        ("a.b/c_d--e.f:T-1", "a.b/c_d--e.f:T-1", "a.b/c_d--e.f:T-1"),
    ])
    func good(_ text: String, _ canonical: String, _ familiar: String) {
        #expect(Reference(text)?.canonical == canonical)
        #expect(Reference(text)?.familiar == familiar)
        #expect(Reference(familiar) == Reference(canonical))
    }

    @Test("with a digest, with a tag too")
    func digests() {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        #expect(Reference("nginx@\(digest)")?.digest?.description == digest)
        #expect(Reference("nginx:1@\(digest)")?.tag == "1")
        #expect(Reference("nginx")?.tagged.familiar == "nginx:latest")
        #expect(Reference("nginx@\(digest)")?.tagged.tag == nil)
    }

    @Test(arguments: [
        "", ":", "nginx:", "Nginx", "-nginx", "nginx-", "a//b", "a/../b", "../etc", "/abs", "nginx@sha256:xyz", "nginx@md5:abc", "a b", "nginx:a/b", "nginx:-x",
        "ä", "a..b", "host:port/", String(repeating: "a", count: 300),
    ])
    func bad(_ text: String) { #expect(Reference(text) == nil, "\(text)") }

    @Test("a digest is 64 hexadecimal digits of sha256, safe as a file's name")
    func digest() {
        let hex = String(repeating: "0", count: 63) + "f"
        #expect(Digest("sha256:\(hex)")?.hex == hex)
        for bad in ["sha256:", "sha256:\(hex)0", "sha512:\(hex)", "sha256:" + hex.uppercased(), "sha256:../../" + String(repeating: "a", count: 58), hex] {
            #expect(Digest(bad) == nil, "\(bad)")
        }
    }

    @Test("SHA-256 of known bytes (FIPS 180-4 examples)")
    func hash() {
        #expect(SHA256.digest(of: Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let hasher = SHA256()
        for byte in "abc".utf8 { hasher.update([byte]) }
        #expect(Digest(bytes: hasher.finish()).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
