import Glibc
import Linux
import OCI
import Registry
import Synchronization
import TestSupport
import Testing

/// Each fault ends in success by trying again, or in a clear error; nothing half written counts as whole.
@Suite("Faulty registries", .serialized) struct FaultTests {
    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    private static var descriptor: Descriptor { Descriptor(mediaType: nil, digest: SHA256.digest(of: content), size: content.count) }

    /// Fetches the blob from a registry with this script.
    private func fetch(
        credentials: Credentials? = nil, cancellation: Cancellation = Cancellation(), _ script: @escaping @Sendable (String, [String: String], Int) -> FaultyRegistry.Answer
    ) throws -> (registry: FaultyRegistry, result: Result<[UInt8], RegistryError>) {
        let registry = try FaultyRegistry(script)
        defer { registry.end() }
        let reference = try #require(Reference("127.0.0.1:\(registry.port)/a/b:1"))
        let client = RegistryClient(reference, credentials: credentials, cancellation: cancellation, pauses: [5, 5, 5])
        let file = try Memfd.scratch("blob")
        do throws(RegistryError) {
            try client.blob(Self.descriptor, into: file.raw)
            return (registry, .success((try? Memfd.content(of: file.raw)) ?? []))
        } catch {
            return (registry, .failure(error))
        }
    }

    private static func whole() -> FaultyRegistry.Answer { .body(content, type: "application/octet-stream") }

    @Test("a connection that ends early: the download goes on where it stopped")
    func cut() throws {
        let (registry, result) = try fetch { _, _, count in count < 3 ? .cut(Self.content, after: 100_000) : Self.whole() }
        #expect(try result.get() == Self.content)
        #expect(registry.requests.last?.headers["range"]?.hasPrefix("bytes=") == true)
    }

    @Test("500, 503 and 429 are tried again, and not for ever")
    func again() throws {
        for status in [500, 502, 503, 504, 429, 408] {
            let (_, result) = try fetch { _, _, count in count < 3 ? .status(status, headers: []) : Self.whole() }
            #expect(try result.get() == Self.content, "\(status)")
        }
        let (registry, result) = try fetch { _, _, _ in .status(503, headers: []) }
        #expect(throws: RegistryError.self) { try result.get() }
        #expect(registry.requests.count == 4)
        #expect { try result.get() } throws: { ($0 as? RegistryError)?.code == .unreachable }
    }

    @Test("404 and 403 are not tried again")
    func refusals() throws {
        for (status, code) in [(404, RegistryError.Code.notFound), (403, .denied), (400, .invalid)] {
            let (registry, result) = try fetch { _, _, _ in .status(status, headers: []) }
            #expect { try result.get() } throws: { ($0 as? RegistryError)?.code == code }
            #expect(registry.requests.count == 1)
        }
    }

    @Test("wrong content is asked for once more and then refused; more than promised is refused")
    func wrong() throws {
        let lie = Self.content.map { $0 ^ 1 }
        let (registry, result) = try fetch { _, _, _ in .body(lie, type: "x") }
        #expect { try result.get() } throws: { ($0 as? RegistryError)?.code == .mismatch }
        #expect(registry.requests.count == 2)
        let (_, mended) = try fetch { _, _, count in count == 1 ? .body(lie, type: "x") : Self.whole() }
        #expect(try mended.get() == Self.content)
        let (_, endless) = try fetch { _, _, _ in .endless }
        #expect { try endless.get() } throws: { ($0 as? RegistryError)?.code == .mismatch }
    }

    @Test("a redirect to another host gets no credentials; circles end")
    func redirects() throws {
        let other = try FaultyRegistry { _, _, _ in Self.whole() }
        defer { other.end() }
        let place = "http://localhost:\(other.port)/storage"
        let (registry, result) = try fetch(credentials: Credentials(user: "ann", secret: "secret")) { _, headers, _ in
            headers["authorization"] == nil ? .status(401, headers: ["WWW-Authenticate: Basic realm=\"x\""]) : .redirect(place)
        }
        #expect(try result.get() == Self.content)
        #expect(registry.requests.contains { $0.headers["authorization"] != nil })
        #expect(other.requests.count == 1 && other.requests.allSatisfy { $0.headers["authorization"] == nil }, "credentials went to another host")
        let (_, circle) = try fetch { path, _, _ in .redirect(path) }
        #expect { try circle.get() } throws: { ($0 as? RegistryError)?.code == .invalid }
        let (_, file) = try fetch { _, _, _ in .redirect("file:///etc/passwd") }
        #expect(throws: RegistryError.self) { try file.get() }
    }

    @Test("a bearer challenge: a token is fetched and used; one that is not accepted ends it")
    func tokens() throws {
        let address = Mutex("")
        let (registry, result) = try fetch { path, headers, _ in
            if path.hasPrefix("/token") { return .body(Array(#"{"token":"t0k3n"}"#.utf8), type: "application/json") }
            if headers["authorization"] == "Bearer t0k3n" { return Self.whole() }
            let host = headers["host"] ?? ""
            address.withLock { $0 = host }
            return .status(401, headers: ["WWW-Authenticate: Bearer realm=\"http://\(host)/token\",service=\"s\",scope=\"repository:a/b:pull\""])
        }
        #expect(try result.get() == Self.content)
        let asked = registry.requests.first { $0.path.hasPrefix("/token") }?.path ?? ""
        #expect(asked.contains("scope=repository:a/b:pull") && asked.contains("service=s"))
        let (_, never) = try fetch { _, headers, _ in .status(401, headers: ["WWW-Authenticate: Basic realm=\"x\""]) }
        #expect { try never.get() } throws: { ($0 as? RegistryError)?.code == .denied }
    }

    @Test("a registry that is not there is said so; a download that is called off ends")
    func unreachable() throws {
        let reference = try #require(Reference("127.0.0.1:1/a:1"))
        #expect { try RegistryClient(reference, pauses: [5]).manifest(for: .current) } throws: { ($0 as? RegistryError)?.code == .unreachable }
        let cancellation = Cancellation()
        cancellation.cancel()
        let (_, result) = try fetch(cancellation: cancellation) { _, _, _ in Self.whole() }
        #expect { try result.get() } throws: { ($0 as? RegistryError)?.code == .cancelled }
    }

    @Test("manifests: indexes by platform; what is none is refused", arguments: ["", "{}", "[]", "{\"schemaVersion\":1,\"layers\":3}", "<html>"])
    func manifests(_ text: String) throws {
        let registry = try FaultyRegistry { _, _, _ in .body(Array(text.utf8), type: "x") }
        defer { registry.end() }
        let reference = try #require(Reference("127.0.0.1:\(registry.port)/a/b:1"))
        #expect { try RegistryClient(reference, pauses: []).manifest(for: .current) } throws: { ($0 as? RegistryError)?.code == .invalid }
    }
}
