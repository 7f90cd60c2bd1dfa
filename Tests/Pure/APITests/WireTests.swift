import API
import StackModel
import TestSupport
import Testing

@Suite("Messages between the programs") struct WireTests {
    @Test("lines come out whole however the bytes were cut")
    func lines() {
        let text = Array("{\"a\":1}\n\n{\"b\":2}\nrest".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter()
            var lines: [[UInt8]] = []
            for start in stride(from: 0, to: text.count, by: size) { lines += splitter.add(text[start..<min(start + size, text.count)]) }
            #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["{\"a\":1}", "{\"b\":2}"], "pieces of \(size)")
            #expect(splitter.finish().map { String(decoding: $0, as: UTF8.self) } == "rest")
        }
    }

    @Test("frames come out whole however the bytes were cut")
    func frames() throws {
        let all: [ExecFrame] = [
            .start([1, 2]), .stdin([]), .stdin([0, 255, 10]), .resize(rows: 24, columns: 65535), .stdout(Array("out".utf8)), .stderr([9]), .stdinEnd,
            .failure([7]), .exit(-1), .exit(137),
        ]
        let bytes = all.flatMap(\.encoded)
        for size in 1...13 {
            var reader = ExecFrameReader()
            var found: [ExecFrame] = []
            for start in stride(from: 0, to: bytes.count, by: size) { found += try reader.add(bytes[start..<min(start + size, bytes.count)]) }
            #expect(found == all, "pieces of \(size)")
        }
    }

    @Test(arguments: [
        [8, 0, 0, 0, 0], [255, 0, 0, 0, 1, 0], [0, 255, 255, 255, 255], [0, 0, 16, 0, 1], [3, 0, 0, 0, 2, 1, 1], [4, 0, 0, 0, 0], [5, 0, 0, 0, 1, 1],
    ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        var reader = ExecFrameReader()
        #expect(throws: ExecFrameReader.Malformed.self) { try reader.add(bytes) }
    }

    @Test("garbage never traps the frame reader")
    func garbage() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var reader = ExecFrameReader()
            let bytes = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? reader.add(bytes)
        }
    }

    @Test("a query gives its values back, whatever they hold")
    func query() {
        let values = ["stack": "a b&c=d/é%+", "path": "/tmp/x?y"]
        let uri = "/v1/x" + Query.encode(["stack": values["stack"], "path": values["path"], "none": nil])
        let parsed = Query.parse(uri)
        #expect(parsed.path == "/v1/x" && parsed.values == values)
        #expect(Query.parse("/v1/x?a&b=%zz&%").values["a"] == "")
    }

    @Test("requests and progress survive the way over the wire")
    func roundTrip() throws {
        var request = UpRequest(stack: Stack(name: "s", services: ["a": Service(name: "a", image: "i")]))
        request.services = ["a"]
        request.waitTimeout = 5000
        #expect(try Wire.decode(UpRequest.self, try Wire.encode(request)) == request)
        let item = StreamItem.progress(Progress(kind: .container, name: "s-a-1", phase: .done, status: "Started", at: Timestamp(milliseconds: 1)))
        #expect(try Wire.decode(StreamItem.self, try Wire.line(item)) == item)
        let failure = Failure(code: .portInUse, what: "w", cause: "c", hint: "h")
        #expect(try Wire.decode(Failure.self, try Wire.encode(failure)) == failure)
    }

    @Test("what cannot be read says where and what may help")
    func unreadable() {
        #expect {
            try Wire.decode(DownRequest.self, Array(#"{"stack":7}"#.utf8))
        } throws: { error in
            (error as? Failure)?.cause?.hasPrefix("stack") == true && (error as? Failure)?.hint != nil
        }
    }

    @Test("every failure has a status of HTTP that says whose fault it is")
    func statuses() {
        #expect(Failure.Code.invalid.status == 400 && Failure.Code.notFound.status == 404 && Failure.Code.portInUse.status == 409)
        #expect(Failure.Code.internal.status == 500 && Failure.Code.denied.status == 403)
    }
}
