import FoundationEssentials
import Glibc
import Images
import Linux
import OCI
import TestSupport
import Testing

/// Layers that try to reach outside of themselves. Each is refused by name, or does nothing outside; nothing of it stays.
@Suite("Hostile images", .enabled(if: Machine.isRoot, "needs root"), .serialized) struct HostileTests {
    private func layer(_ make: (inout Tar) -> Void) -> [UInt8] {
        var tar = Tar()
        make(&tar)
        return tar.finished
    }

    /// Loads it; what it could have reached stands beside the layers.
    private func refuse(_ what: String, _ bytes: [UInt8], limits: UnpackLimits = UnpackLimits(), sourceLocation: SourceLocation = #_sourceLocation) throws {
        let shop = try Shop(limits: limits)
        #expect(throws: ImageError.self, "\(what)", sourceLocation: sourceLocation) { try shop.load(bytes) }
        #expect(shop.leftovers.isEmpty, "\(what) left \(shop.leftovers)", sourceLocation: sourceLocation)
        #expect(try shop.store.list().isEmpty, sourceLocation: sourceLocation)
    }

    private func refuse(_ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ make: (inout Tar) -> Void) throws {
        try refuse(what, try Shop.docker("evil:1", layers: [layer(make)]), sourceLocation: sourceLocation)
    }

    @Test("names that lead out")
    func names() throws {
        try refuse("..") { $0.add("../out", "x") }
        try refuse("hidden ..") { $0.add("a/../../out", "x") }
        try refuse("absolute") { $0.add("/etc/out", "x") }
        try refuse("hard link out") { $0.add("link", type: "1", link: "../../../../etc/passwd") }
        try refuse("whiteout of ..") { $0.add("a/.wh...") }
        try refuse("whiteout of .") { $0.add("a/.wh..") }
        try refuse("whiteout of nothing") { $0.add("a/.wh.") }
        try refuse("root as a file") { $0.add("./", "x", type: "0") }
        try refuse("a disguised whiteout") { $0.add("hidden", type: "3", major: 0, minor: 0) }
    }

    @Test("links that lead out: nothing goes through them, and a file that follows replaces the link")
    func links() throws {
        let shop = try Shop()
        let target = "\(shop.scratch.path)/target"
        try File.makeDirectories(target)
        for link in [target, "../../../../../../../../../..\(target)"] {
            let bytes = try Shop.docker("links:1", layers: [layer { $0.add("away", type: "2", link: link); $0.add("away/file", "through a link") }])
            #expect(throws: ImageError.self) { try shop.load(bytes) }
            #expect(try File.list(target).isEmpty, "something was written outside")
            #expect(shop.leftovers.isEmpty)
        }
        let bytes = try Shop.docker("links:1", layers: [layer { $0.add("own", type: "2", link: "\(target)/file"); $0.add("own", "a file") }])
        let image = try #require(try shop.load(bytes).first?.record)
        #expect(try File.status(shop.file("own", of: image), followLinks: false).isRegular)
        #expect(try File.list(target).isEmpty)
    }

    @Test("a hard link through a link of the layer does not reach a file of the host")
    func hardLinks() throws {
        let shop = try Shop()
        let secret = "\(shop.scratch.path)/secret"
        try File.writeAtomically(secret, Array("secret".utf8))
        let bytes = try Shop.docker(
            "links:1", layers: [layer { $0.add("dir", type: "2", link: shop.scratch.path); $0.add("stolen", type: "1", link: "dir/secret") }])
        #expect(throws: ImageError.self) { try shop.load(bytes) }
        #expect(try File.status(secret).links == 1)
    }

    @Test("bombs: more than the bound, in bytes or in files")
    func bombs() throws {
        let zeros = layer { tar in tar.add("zeros", String(repeating: "\u{0}", count: 300_000)) }
        try refuse("bytes", try Shop.docker("bomb:1", layers: [zeros]), limits: UnpackLimits(layerBytes: 100_000))
        let many = layer { tar in for number in 0..<50 { tar.add("f\(number)") } }
        try refuse("files", try Shop.docker("bomb:1", layers: [many]), limits: UnpackLimits(layerEntries: 20))
        try refuse("archive", try Shop.docker("bomb:1", layers: [zeros]), limits: UnpackLimits(archiveBytes: 100_000))
    }

    @Test("content that is not what it says")
    func mismatches() throws {
        let good = layer { $0.add("a", "x") }
        let other = layer { $0.add("a", "y") }
        try refuse("another layer", try Shop.docker("lie:1", layers: [good], diffIDs: [SHA256.digest(of: other)]))
        try refuse("fewer layers", try Shop.docker("lie:1", layers: [good], diffIDs: []))
        try refuse("cut short", Array(try Shop.docker("lie:1", layers: [good]).prefix(700)))
        try refuse("no archive", Array("hello".utf8))
        try refuse("nothing", [])
        try refuse("an archive of something else", layer { $0.add("file", "x") })
        try refuse("a manifest that is no list", layer { $0.add("manifest.json", "{\"x\": 1}") })
        try refuse("a manifest that names nothing there", layer { $0.add("manifest.json", "[{\"Config\":\"../../x\",\"RepoTags\":[\"a:1\"],\"Layers\":[]}]") })
        try refuse("a truncated layer", try Shop.docker("lie:1", layers: [Array(good.prefix(600))]))
    }

    @Test("an OCI layout whose blob was changed")
    func changedBlob() throws {
        let shop = try Shop()
        let layout = "\(shop.scratch.path)/layout"
        let good = layer { $0.add("a", "x") }
        let document = Array(try JSONEncoder().encode(ImageDocument(config: nil, diffIDs: [SHA256.digest(of: good)])))
        func blob(_ bytes: [UInt8]) throws -> Descriptor {
            let digest = SHA256.digest(of: bytes)
            try File.makeDirectories("\(layout)/blobs/sha256")
            try File.writeAtomically("\(layout)/blobs/sha256/\(digest.hex)", bytes)
            return Descriptor(mediaType: "x", digest: digest, size: bytes.count)
        }
        let layerBlob = try blob(good)
        let manifest = try blob(Array(try JSONEncoder().encode(ImageManifest(config: try blob(document), layers: [layerBlob]))))
        try File.writeAtomically("\(layout)/index.json", Array(try JSONEncoder().encode(ImageIndex(manifests: [manifest]))))
        var changed = good
        changed[512] = UInt8(ascii: "z")
        try File.writeAtomically("\(layout)/blobs/sha256/\(layerBlob.digest.hex)", changed)
        #expect(throws: ImageError.self) { try shop.store.load(path: layout) }
        try File.writeAtomically("\(layout)/blobs/sha256/\(layerBlob.digest.hex)", good)
        #expect(try shop.store.load(path: layout).count == 1)
    }

    @Test("random damage never traps and leaves nothing half made")
    func fuzz() throws {
        let good = try Shop.docker("fuzz:1", layers: [layer { $0.add("a/b", "content"); $0.add("l", type: "2", link: "a") }])
        let shop = try Shop()
        for seed in 0..<150 {
            var bytes = good
            for step in 0..<(1 + seed % 7) { bytes[(seed &* 7919 &+ step &* 104_729) % bytes.count] = UInt8(truncatingIfNeeded: seed &* 31 &+ step) }
            _ = try? shop.load(bytes)
            #expect(try File.list("\(shop.scratch.path)/root/images/tmp").isEmpty)
        }
    }
}
