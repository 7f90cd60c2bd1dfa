import FoundationEssentials
import OCI
import TestSupport
import Testing

@Suite("Image documents") struct DocumentTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test("a configuration as Docker writes it, with what is not known left aside")
    func configuration() throws {
        let hex = String(repeating: "1", count: 64)
        let document = try decode(
            ImageDocument.self,
            """
            {"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05Z","history":[{"created_by":"x"}],
             "config":{"User":"app","Env":["A=1"],"Cmd":["run"],"Entrypoint":null,"ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},
              "WorkingDir":"/w","Labels":{"l":"v"},"StopSignal":"SIGQUIT","OnBuild":null,
              "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000,"Retries":2}},
             "rootfs":{"type":"layers","diff_ids":["sha256:\(hex)"]}}
            """)
        let config = try #require(document.config)
        #expect(config.user == "app" && config.env == ["A=1"] && config.cmd == ["run"] && config.entrypoint == nil)
        #expect(config.exposedPorts?.keys.sorted() == ["80/tcp"] && config.volumes?.keys.sorted() == ["/data"])
        #expect(config.workingDir == "/w" && config.labels == ["l": "v"] && config.stopSignal == "SIGQUIT")
        #expect(config.healthcheck?.test == ["CMD-SHELL", "true"] && config.healthcheck?.interval == 5_000_000_000 && config.healthcheck?.retries == 2)
        #expect(document.rootfs.diff_ids.map(\.hex) == [hex])
    }

    @Test("what is written is read again")
    func roundTrip() throws {
        var config = ImageConfig()
        config.cmd = ["a", "b"]
        config.volumes = ["/v": .init()]
        let digest = SHA256.digest(of: [1, 2, 3])
        let document = ImageDocument(config: config, diffIDs: [digest])
        let data = try JSONEncoder().encode(document)
        #expect(try JSONDecoder().decode(ImageDocument.self, from: data) == document)
        #expect(String(decoding: data, as: UTF8.self).contains("\"Cmd\""))
    }

    @Test("a digest that is none is refused where it stands")
    func badDigest() {
        #expect(throws: DecodingError.self) {
            try decode(Descriptor.self, #"{"mediaType":"x","digest":"sha256:../../etc/passwd","size":1}"#)
        }
        #expect(throws: DecodingError.self) { try decode(ImageManifest.self, #"{"schemaVersion":2,"layers":[]}"#) }
    }

    @Test("platforms: the machine's own, whatever the variant")
    func platforms() {
        let own = Platform.current
        #expect(Platform(architecture: own.architecture, os: "linux", variant: "v8").runs(on: own))
        #expect(!Platform(architecture: "s390x", os: "linux").runs(on: own))
        #expect(!Platform(architecture: own.architecture, os: "windows").runs(on: own))
    }
}
