import Testing
import YAML

@Test func `an alias bomb ends in a flaw with a place`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
        let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
        text += "a\(level): &a\(level) [\(inner)]\n"
    }
    let outcome = read(text)
    #expect(outcome.root == nil)
    #expect(outcome.flaws.last?.message == "aliases repeat more than 300000 values")
}

@Test func `a bomb of merge keys ends in a flaw`() {
    var text = "a0: &a0 {" + (0..<50).map { "k\($0): 1" }.joined(separator: ", ") + "}\n"
    for level in 1...20 {
        text += "a\(level): &a\(level)\n" + (0..<40).map { "  l\($0): {<<: *a\(level - 1)}\n" }.joined()
    }
    #expect(read(text).flaws.last?.message == "aliases repeat more than 300000 values")
}

@Test func `deep nesting ends in a flaw`() {
    let deep = String(repeating: "[", count: 5000)
    #expect(read("a: " + deep).flaws.last?.message == "nested more than 100 levels deep")
    let blocks = (0..<300).map { String(repeating: " ", count: $0) + "k:\n" }.joined()
    #expect(read(blocks).flaws.last?.message == "nested more than 100 levels deep")
}

@Test func `a file that is too large is not read`() {
    var limits = Limits()
    limits.bytes = 10
    #expect(read("a: 12345678", limits: limits).flaws.first?.message == "the file has 11 bytes; at most 10 are read")
    var few = Limits()
    few.nodes = 10
    #expect(read("[1,2,3,4,5,6,7,8,9,10,11]", limits: few).flaws.last?.message == "the file holds more than 10 values")
}

@Test func `a long text is read whole`() {
    let long = String(repeating: "x", count: 1 << 20)
    #expect(read("a: \"\(long)\"").root?["a"]?.scalar?.text.utf8.count == 1 << 20)
}

/// A small generator with a seed: the same bytes in each run, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

@Test func `no bytes make the reader trap`() {
    let seeds = [
        "a: &x {b: [1, 2, *x]}\n<<: *x\n", "services:\n  web: {image: \"a\\n\", <<: [*a, *b]}\n", "- |\n  x\n- >\n  y\n- 'z'\n",
        "? complex\n: !!str v\n--- x\n...\n%YAML 1.2\n", "a: \"\\u00e9\\x41\"\n\tb: @\n",
    ]
    let alphabet = Array(":-[]{}&*!|>'\"%@`#?,<~ \t\n\r\\x0aé\u{0}\u{85}\u{2028}".utf8) + [0xFF, 0xFE, 0xC3, 0xEF, 0xBB, 0xBF]
    var random = Seeded(state: 42)
    var limits = Limits()
    limits.nodes = 5000
    limits.aliased = 5000
    for round in 0..<6000 {
        var bytes = Array(seeds[round % seeds.count].utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where position < bytes.count: bytes[position] = byte
            case 1 where position < bytes.count: bytes.remove(at: position)
            case 2: bytes.insert(contentsOf: bytes[..<min(position, 12)], at: position)
            default: bytes.insert(byte, at: position)
            }
        }
        let outcome = Reader.read(bytes, name: "f", limits: limits)
        for flaw in outcome.flaws {
            #expect(flaw.place.line >= 1 && flaw.place.column >= 1)
            _ = flaw.place.source.line(flaw.place.line)
        }
    }
}

@Test func `a stack of 50 services is read at once`() {
    let service = { (number: Int) in
        "  s\(number):\n    image: app:\(number)\n    ports: [\"\(number + 1000):80\"]\n    environment:\n      A: b\n      C: \"d\"\n"
    }
    let text = "services:\n" + (0..<50).map(service).joined()
    let outcome = read(text)
    #expect(outcome.flaws.isEmpty)
    #expect(outcome.root?["services"]?.mapping?.entries.count == 50)
    #expect(outcome.root?["services"]?["s49"]?["image"]?.scalar?.text == "app:49")
}
