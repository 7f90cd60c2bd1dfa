import Containers
import Testing
import TestSupport

@Suite struct LogReaderTests {
    /// Line n, written n seconds after 2026-01-02T03:00:00.
    private static func line(_ second: Int, _ text: String, _ stream: String = "stdout", part: Bool = false) -> String {
        "\(stamp(second)) \(stream) \(part ? "P" : "F") \(text)\n"
    }

    private static func stamp(_ second: Int) -> String { LogTime.text(Self.base + Int64(second) * 1_000_000_000) }

    private static let base = LogTime.parse("2026-01-02T03:00:00Z".utf8) ?? 0

    private func texts(_ query: LogQuery, in scratch: Scratch) throws -> [String] {
        try LogFiles(folder: scratch.path).read(query).map(\.text)
    }

    @Test func timesGoBothWays() {
        #expect(LogTime.parse("1970-01-01T00:00:00Z".utf8) == 0)
        #expect(LogTime.parse("2026-01-02T03:04:05.123456789Z".utf8) == 1_767_323_045_123_456_789)
        #expect(LogTime.parse("2026-01-02T03:04:05.5Z".utf8) == 1_767_323_045_500_000_000)
        #expect(LogTime.text(1_767_323_045_123_456_789) == "2026-01-02T03:04:05.123456789Z")
        #expect(LogTime.text(951_782_400_000_000_001) == "2000-02-29T00:00:00.000000001Z")
        for text in ["", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05.x23456789Z"] {
            #expect(LogTime.parse(text.utf8) == nil, "\(text)")
        }
        for day in stride(from: Int64(0), to: 60_000, by: 17) {
            let time = day * 86_400_000_000_000 + 3_600_000_000_007
            #expect(LogTime.parse(LogTime.text(time).utf8) == time)
        }
    }

    @Test func aContainerWithoutALogHasNoLines() throws {
        let scratch = Scratch("nolog")
        #expect(try texts(LogQuery(), in: scratch) == [])
        #expect(try texts(LogQuery(tail: 3), in: scratch) == [])
    }

    @Test func partsOfALongLineAreJoinedEachStreamForItself() throws {
        let scratch = Scratch("parts")
        try scratch.write(
            "container.log",
            Self.line(1, "one ", part: true) + Self.line(2, "err ", "stderr", part: true) + Self.line(3, "two ", part: true)
                + Self.line(4, "end", "stderr") + Self.line(5, "three") + Self.line(6, "four", part: true))
        let entries = try LogFiles(folder: scratch.path).read()
        #expect(entries.map(\.text) == ["err end", "one two three", "four"])
        #expect(entries.map(\.stream) == [.stderr, .stdout, .stdout])
        #expect(entries.first?.time == Self.base + 2_000_000_000)
    }

    @Test func rotatedFilesAreReadOldestFirst() throws {
        let scratch = Scratch("rotated")
        try scratch.write("container.log.2", Self.line(1, "a") + Self.line(2, "b"))
        try scratch.write("container.log.1", Self.line(3, "c"))
        try scratch.write("container.log", Self.line(4, "d") + Self.line(5, ""))
        #expect(try texts(LogQuery(), in: scratch) == ["a", "b", "c", "d", ""])
        #expect(try texts(LogQuery(tail: 2), in: scratch) == ["d", ""])
        #expect(try texts(LogQuery(tail: 4), in: scratch) == ["b", "c", "d", ""])
        #expect(try texts(LogQuery(tail: 99), in: scratch) == ["a", "b", "c", "d", ""])
        #expect(try texts(LogQuery(tail: 0), in: scratch) == [])
    }

    @Test func sinceAndUntilAreInclusive() throws {
        let scratch = Scratch("times")
        try scratch.write("container.log.1", (0..<10).map { Self.line($0, "\($0)") }.joined())
        try scratch.write("container.log", (10..<20).map { Self.line($0, "\($0)") }.joined())
        let at = { (second: Int64) in Self.base + second * 1_000_000_000 }
        #expect(try texts(LogQuery(since: at(17)), in: scratch) == ["17", "18", "19"])
        #expect(try texts(LogQuery(since: at(8), until: at(11)), in: scratch) == ["8", "9", "10", "11"])
        #expect(try texts(LogQuery(tail: 2, until: at(11)), in: scratch) == ["10", "11"])
        #expect(try texts(LogQuery(tail: 5, since: at(18)), in: scratch) == ["18", "19"])
        #expect(try texts(LogQuery(since: at(99)), in: scratch) == [])
    }

    @Test func theTailKeepsTheFirstPartsOfItsLines() throws {
        let scratch = Scratch("tail-parts")
        try scratch.write(
            "container.log",
            Self.line(1, "old") + Self.line(2, "begin ", part: true) + Self.line(3, "between", "stderr") + Self.line(4, "end"))
        #expect(try texts(LogQuery(tail: 1), in: scratch) == ["begin end"])
        #expect(try texts(LogQuery(tail: 2), in: scratch) == ["between", "begin end"])
    }

    /// Against the plain way: read all, keep the last n.
    @Test(arguments: [1, 2, 3, 7, 50, 400, 5000]) func theTailEqualsTheEndOfAll(count: Int) throws {
        let scratch = Scratch("tail-all")
        var random = Numbers(seed: UInt64(count))
        for (index, name) in ["container.log.2", "container.log.1", "container.log"].enumerated() {
            var text = ""
            for second in (index * 1000)..<(index * 1000 + 700) {
                let stream = random.next(6) == 0 ? "stderr" : "stdout"
                text += Self.line(second, "\(second) " + String(repeating: "x", count: random.next(300)), stream, part: random.next(9) == 0)
            }
            try scratch.write(name, text + Self.line(index * 1000 + 800, "o") + Self.line(index * 1000 + 801, "e", "stderr"))
        }
        let all = try texts(LogQuery(), in: scratch)
        #expect(try texts(LogQuery(tail: count), in: scratch) == Array(all.suffix(count)))
    }

    @Test func whatIsNoRecordIsShownAsItIs() throws {
        let scratch = Scratch("damaged")
        try scratch.write("container.log", Self.line(1, "good") + "garbage\n\n" + Self.line(2, "also good"))
        let entries = try LogFiles(folder: scratch.path).read()
        #expect(entries.map(\.text) == ["good", "garbage", "also good"])
        #expect(entries.dropFirst().first?.time == Self.base + 1_000_000_000)
    }

    @Test func bytesThatAreNoTextStayAsTheyAre() throws {
        let scratch = Scratch("bytes")
        try scratch.write("container.log", Self.line(1, "tab\tend\r"))
        #expect(try LogFiles(folder: scratch.path).read().first?.bytes == Array("tab\tend\r".utf8))
    }

    @Test func aFollowerMissesNothingAcrossRotations() async throws {
        let scratch = Scratch("follow")
        let writer = try RotatingWriter(scratch.path, linesEach: 7, files: 50)
        let files = LogFiles(folder: scratch.path)
        let live = Flag(true)
        async let written: Void = writer.write(300, then: live)
        var seen: [String] = []
        for try await entry in files.follow(while: { live.value }) { seen.append(entry.text) }
        try await written
        #expect(seen == (0..<300).map { "line \($0)" })
    }

    @Test func followingTheTailShowsTheEndAndThenTheNew() async throws {
        let scratch = Scratch("follow-tail")
        try scratch.write("container.log", (0..<5).map { Self.line($0, "old \($0)") }.joined())
        let writer = try RotatingWriter(scratch.path, linesEach: 1000, files: 3)
        let live = Flag(true)
        var seen: [String] = []
        for try await entry in LogFiles(folder: scratch.path).follow(LogQuery(tail: 1), while: { live.value }) {
            seen.append(entry.text)
            if seen.count == 1 { try await writer.write(3, then: live) }
        }
        #expect(seen == ["old 4", "line 0", "line 1", "line 2"])
    }

    @Test func followingEndsAfterUntil() async throws {
        let scratch = Scratch("follow-until")
        try scratch.write("container.log", (0..<5).map { Self.line($0, "\($0)") }.joined())
        var seen: [String] = []
        let query = LogQuery(until: Self.base + 2_000_000_000)
        for try await entry in LogFiles(folder: scratch.path).follow(query) { seen.append(entry.text) }
        #expect(seen == ["0", "1", "2"])
    }
}
