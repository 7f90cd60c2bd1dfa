import Testing
import YAML

/// A tree as one line of text: what was read, without places.
func flat(_ node: Node?) -> String {
    guard let node else { return "(none)" }
    let tag = node.directive.map { "!\($0) " } ?? ""
    switch node.content {
    case .scalar(let scalar):
        switch scalar.resolved {
        case .null: return tag + "null"
        case .bool(let bool): return tag + "\(bool)"
        case .int(let int): return tag + "\(int)"
        case .double(let double): return tag + "\(double)"
        case .string(let text): return tag + "'\(text)'"
        }
    case .sequence(let items): return tag + "[" + items.map(flat).joined(separator: ", ") + "]"
    case .mapping(let mapping):
        return tag + "{" + mapping.entries.map { "\($0.key): \(flat($0.value))" }.joined(separator: ", ") + "}"
    }
}

func read(_ text: String, limits: Limits = Limits()) -> Outcome { Reader.read(Array(text.utf8), name: "f", limits: limits) }

/// `line:column message | hint` of each flaw.
func flaws(_ text: String, limits: Limits = Limits()) -> [String] {
    read(text, limits: limits).flaws.map { flaw in
        "\(flaw.place.line):\(flaw.place.column) \(flaw.message)" + (flaw.hint.map { " | \($0)" } ?? "")
    }
}

@Test(arguments: [
    ("a: 1", "{a: 1}"), ("a: 0x1F", "{a: 31}"), ("a: 0o17", "{a: 15}"), ("a: 0440", "{a: 288}"), ("a: 1_000", "{a: 1000}"),
    ("a: -7", "{a: -7}"), ("a: +7", "{a: 7}"), ("a: 1.5", "{a: 1.5}"), ("a: 1e3", "{a: 1000.0}"), ("a: .inf", "{a: inf}"),
    ("a: true", "{a: true}"), ("a: False", "{a: false}"), ("a: yes", "{a: 'yes'}"), ("a: no", "{a: 'no'}"), ("a: on", "{a: 'on'}"),
    ("a: ~", "{a: null}"), ("a:", "{a: null}"), ("a: \"\"", "{a: ''}"), ("a: '1'", "{a: '1'}"), ("a: \"true\"", "{a: 'true'}"),
    ("a: 22:22", "{a: '22:22'}"), ("a: 2001-01-01", "{a: '2001-01-01'}"), ("a: 1.2.3", "{a: '1.2.3'}"),
    ("a: 08", "{a: 8.0}"), ("a: 99999999999999999999", "{a: 1e+20}"), ("a: !!str 5", "{a: '5'}"), ("a: !!int \"5\"", "{a: 5}"),
    ("a: ! 5", "{a: '5'}"), ("a: nullable", "{a: 'nullable'}"), ("a: 5m", "{a: '5m'}"), ("a: .5", "{a: 0.5}"), ("a: .", "{a: '.'}"),
    ("a: +", "{a: '+'}"), ("a: 0x", "{a: '0x'}"), ("a: 1__", "{a: '1__'}"), ("a: --5", "{a: '--5'}"), ("a: e5", "{a: 'e5'}"),
])
func `scalars are what Compose files mean by them`(_ text: String, _ expected: String) {
    #expect(flat(read(text).root) == expected)
}

@Test func `collections keep their order and their places`() throws {
    let outcome = read("b: 1\na:\n  - x\n  - {k: v}\n")
    #expect(flat(outcome.root) == "{b: 1, a: ['x', {k: 'v'}]}")
    let list = try #require(outcome.root?["a"])
    #expect(list.place.line == 3 && list.place.column == 3)
    let entry = try #require(list.sequence?.last?.mapping?.entry("k"))
    #expect(entry.keyPlace.line == 4 && entry.keyPlace.column == 6)
    #expect(entry.value.place.column == 9)
    #expect(outcome.source.line(4) == "  - {k: v}")
    #expect(outcome.source.line(0) == nil && outcome.source.line(99) == nil)
}

@Test func `block texts and quotes are read as they are written`() {
    #expect(flat(read("a: |\n  one\n  two\nb: >-\n  x\n  y\n").root) == "{a: 'one\ntwo\n', b: 'x y'}")
    #expect(flat(read("a: \"t\\tn\\u00e9\"\nb: 'it''s'\n").root) == "{a: 't\tn\u{e9}', b: 'it's'}")
}

@Test func `aliases repeat and merge keys fill up`() {
    let text = """
        x: &x {a: 1, b: 2}
        y: &y {b: 3, c: 4}
        one: {<<: *x, b: own}
        two: {b: own, <<: [*y, *x]}
        list: &l [1, 2]
        again: *l
        """
    #expect(
        flat(read(text).root)
            == "{x: {a: 1, b: 2}, y: {b: 3, c: 4}, one: {b: 'own', a: 1}, two: {b: 'own', c: 4, a: 1}, list: [1, 2], again: [1, 2]}")
    // In quotes it is a key like any other.
    #expect(flat(read("a: {\"<<\": 1}").root) == "{a: {<<: 1}}")
    #expect(flat(read("&k key: 1\nother: *k\n").root) == "{key: 1, other: 'key'}")
}

@Test func `the tags of merging are kept`() {
    #expect(flat(read("a: !reset null\nb: !override [1]\nc: !reset {}\n").root) == "{a: !reset null, b: !override [1], c: !reset {}}")
}

@Test func `an empty document is no tree and no flaw`() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "--- # nothing\n...\n", "\u{FEFF}"] {
        let outcome = read(text)
        #expect(outcome.root == nil && outcome.flaws.isEmpty, "\(text.debugDescription)")
    }
}

@Test(arguments: [
    ("a: 1\na: 2", "2:1 the key \"a\" stands here a second time; the first is in line 1 | remove one of the two"),
    ("a: {<<: {x: 1}, <<: {y: 1}}", "1:17 the key \"<<\" stands here a second time; the first is in line 1 | merge several with one list: \"<<: [*a, *b]\""),
    ("a: *nope", "1:4 nothing above is named \"&nope\""),
    ("x: &common {}\na: *Common", "2:4 nothing above is named \"&Common\" | did you mean \"*common\"?"),
    ("a: &a [*a]", "1:8 the alias \"*a\" stands inside the value it names"),
    ("a: {<<: 5}", "1:9 \"<<\" takes a mapping or a list of mappings | write \"<<: *name\""),
    ("? [1]\n: x", "1:3 a key must be text | put it in quotes if it starts with a bracket"),
    ("a: 1\n---\nb: 2", "2:1 the file holds a second document | one file holds one stack: remove the \"---\" or split the file"),
    ("a: !secret x", "1:4 the tag \"!secret\" is not known here | stack files know \"!reset\" and \"!override\""),
    ("a:\n\tb: 1", "2:1 a tab cannot indent a line | use spaces"),
    ("a: @x", "1:4 a value cannot start with \"@\" | put the value in quotes"),
    ("a: `x`", "1:4 a value cannot start with \"`\" | put the value in quotes"),
    ("a: b: c", "1:5 a \":\" cannot stand here | put a value that contains \": \" in quotes, or mend the indentation of this line"),
    ("a: [1, 2", "1:4 the list that starts here is not closed: line 2 goes on otherwise | add \",\" or \"]\""),
    ("a: {b: 1", "1:4 the mapping that starts here is not closed: line 2 goes on otherwise | add \",\" or \"}\""),
    ("a: \"open\nb: 1\n", "1:4 the quote that starts here is never closed | add the closing quote"),
    ("a: \"\\q\"", "1:5 this escape is not known | write \"\\\\\" for a backslash, or use single quotes"),
    ("a:\n  b: 1\n c: 2", "3:2 this line does not fit the block that starts in line 1 | give all keys of a block the same indentation"),
    ("a:\n  - 1\n  b: 2", "3:3 this line does not fit the list that starts in line 2 | start each item of the list with \"- \" at the same indentation"),
    ("a: - 1", "1:4 a list item \"- \" cannot stand here | a list starts on a line of its own, below its key"),
    ("a: 1\nword\nb: 2", "2:1 a key without \":\" | write \"key: value\"; a text of several lines starts with \"|\" after its key"),
    ("a: \u{01}", "1:4 a control character stands here | remove it, or write it as an escape in double quotes"),
])
func `broken YAML is named with its place and a mend`(_ text: String, _ expected: String) {
    #expect(flaws(text) == [expected])
}

@Test func `text that is not UTF-8 is named with its line`() {
    let outcome = Reader.read(Array("a: 1\nb: ".utf8) + [0xFF, 0xFE, 0x0A], name: "f")
    #expect(outcome.root == nil)
    #expect(outcome.flaws.first?.place.line == 2)
    #expect(outcome.flaws.first?.hint == "save the file as UTF-8")
}

@Test func `all duplicate keys are reported in one run`() {
    #expect(flaws("a: 1\na: 2\nb: 1\nb: 2\n").count == 2)
}
