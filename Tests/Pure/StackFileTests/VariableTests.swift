import StackModel
import Testing

@testable import StackFile

private let variables = ["A": "a", "EMPTY": "", "DB": "db"]

private func expand(_ text: String) -> String {
    do throws(Complaint) { return try Template.expand(text) { variables[$0] }.text } catch { return "! " + error.message }
}

@Test(arguments: [
    ("$A ${A}", "a a"), ("$$A", "$A"), ("$$$A", "$a"), ("${NO}", ""), ("${A:-x}", "a"), ("${EMPTY:-x}", "x"), ("${EMPTY-x}", ""),
    ("${NO:-x}", "x"), ("${NO-x}", "x"), ("${A:+x}", "x"), ("${EMPTY:+x}", ""), ("${EMPTY+x}", "x"), ("${NO+x}", ""), ("${A:?e}", "a"),
    ("${EMPTY?e}", ""), ("${NO:-${A}}", "a"), ("${NO:-${NO:-${DB}}}", "db"), ("${NO:-a}b}", "ab}"), ("${NO:-$$}", "$"), ("${NO:-http://x:1/?a}", "http://x:1/?a"),
    ("x$A-y", "xa-y"), ("${A:+${NO:-n}}", "n"), ("plain", "plain"), ("é${A}é", "éaé"), ("${NO:-}", ""),
    ("${NO:?give it}", "! the variable \"NO\" must be set: give it"), ("${EMPTY:?}", "! the variable \"EMPTY\" must be set"),
    ("${NO?${A}}", "! the variable \"NO\" must be set: a"), ("$", "! a \"$\" stands alone at the end"),
    ("$ x", "! a \"$\" is not followed by the name of a variable"), ("$1", "! a \"$\" is not followed by the name of a variable"),
    ("${", "! \"${\" is not followed by the name of a variable"), ("${}", "! \"${\" is not followed by the name of a variable"),
    ("${A", "! \"${A\" is never closed"), ("${A:-b", "! \"${A\" is never closed"), ("${A:", "! \"${A\" is never closed"),
    ("${A!}", "! \"!\" is not an operator of variables"), ("${A:A}", "! \"A\" is not an operator of variables"),
    // A default that is not needed may hold what is required.
    ("${A:-${NO:?never}}", "a"),
])
func `variables have every form of the specification`(_ text: String, _ expected: String) { #expect(expand(text) == expected) }

@Test func `variables that nest without end are refused`() {
    let text = String(repeating: "${A:-", count: 500) + String(repeating: "}", count: 500)
    #expect(expand(text) == "! variables nest more than 30 deep")
}

private func lines(_ text: String, isRaw: Bool = false) -> [String] {
    let report = Report()
    let read = VariableFile.read(Array(text.utf8), name: "e", report: report, isRaw: isRaw) { variables[$0] }
    return read.map { "\($0.key)\($0.value.map { "=" + $0 } ?? "?")" } + report.diagnostics.map(line)
}

@Test(arguments: [
    ("A=1\nB=2", ["A=1", "B=2"]), ("A=", ["A="]), ("A", ["A?"]), ("export A=1", ["A=1"]), ("A: 1", ["A=1"]), ("  A = 1  ", ["A=1"]),
    ("# c\n\nA=1 # c", ["A=1"]), ("A=1#x", ["A=1#x"]), ("A=#x", ["A="]), ("A=\"x # y\" # c", ["A=x # y"]), ("A='$A \\n'", ["A=$A \\n"]),
    ("A='it\\'s'", ["A=it's"]), ("A=\"a\\nb\\t\\\"\"", ["A=a\nb\t\""]), ("A=\"l1\nl2\"", ["A=l1\nl2"]), ("A=$DB/x", ["A=db/x"]),
    ("A=\"\\$DB\"", ["A=$DB"]), ("A=${X:-d}", ["A=d"]), ("A=1\nB=$A", ["A=1", "B=a"]), ("X=1\nB=$X", ["X=1", "B=1"]), ("a.b-c[0]=1", ["a.b-c[0]=1"]),
    ("A=1\r\nB=2\r\n", ["A=1", "B=2"]), ("\u{FEFF}A=1", ["A=1"]), ("export=1", ["export=1"]), ("A=a b c", ["A=a b c"]), ("A=x=y", ["A=x=y"]),
    ("A=\"\"", ["A="]), ("A # c", ["A?"]),
    ("=1", ["e:1:1 error: a line starts with the name of a variable | write \"KEY=value\"; comments start with \"#\""]),
    ("A=\"x", ["e:1:1 error: the quote of this value is never closed"]),
    ("A='x' y", ["e:1:1 error: something follows the closing quote of this value | put the whole value in quotes"]),
    ("A=1\nB C=2\nD=3", ["A=1", "D=3", "e:2:1 error: the name \"B\" is not followed by \"=\" | names have letters, digits, \"_\", \".\" and \"-\""]),
    ("A=${X", ["e:1:1 error: \"${X\" is never closed | add \"}\""]),
    ("A=$UNSET", ["A=", "e:1:1 warning: the variable \"UNSET\" is not set; it counts as empty"]),
])
func `variable files are read as the field reads them`(_ text: String, _ expected: [String]) { #expect(lines(text) == expected) }

@Test func `raw variable files are taken as they are`() {
    #expect(lines("A=\"$X\" # c\nB='q'\n# c\nC", isRaw: true) == ["A=\"$X\" # c", "B='q'", "C?"])
}

@Test func `no text makes the small parsers trap`() {
    var random = Seeded(state: 7)
    let alphabet = Array("${}:-?+$aA01.-/[]\\\"'#= \n\t,éx%")
    for _ in 0..<4000 {
        let text = String((0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
        _ = expand(text)
        _ = lines(text)
        _ = lines(text, isRaw: true)
        _ = try? PortText.parse(text)
        _ = try? MountText.parse(text)
        _ = try? ShellWords.split(text)
        _ = try? ByteSize.parse(text)
        _ = try? Duration.parse(text)
        _ = Address.isIPv6(text)
        _ = Address.contains(text, text)
        _ = NearestName.find(text, among: ["image", "volumes"])
        _ = Paths.resolve(text, against: "/x", home: "/h")
        _ = ProjectName.complaint(text)
    }
}

/// A small generator with a seed: the same texts in each run, so that a failure can be repeated.
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
