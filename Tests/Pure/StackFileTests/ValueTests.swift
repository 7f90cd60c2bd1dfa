import StackModel
import Testing

@testable import StackFile

@Test(arguments: [
    ("512", 512), ("1k", 1024), ("1kb", 1024), ("512m", 512 << 20), ("1.5g", 3 << 29), ("2GB", 2 << 30), ("1 MiB", 1 << 20), ("10b", 10),
    ("0", 0),
])
func `sizes are read in steps of 1024`(_ text: String, _ bytes: Int) throws { #expect(try ByteSize.parse(text) == bytes) }

@Test(arguments: ["", "m", "5x", "-5m", "1.2.3g", "99999999999999g", "9e9", "1 2"])
func `what is no size is refused`(_ text: String) { #expect(throws: Complaint.self) { try ByteSize.parse(text) } }

@Test(arguments: [
    ("30s", 30_000), ("1h5m30s20ms", 3_930_020), ("1.5s", 1500), ("500us", 1), ("0", 0), ("0s", 0), ("2m", 120_000), ("1d", 86_400_000),
])
func `durations add their parts`(_ text: String, _ expected: Int) throws { #expect(try Duration.parse(text).value == expected) }

@Test(arguments: ["", "10", "s", "-5s", "5 s", "1x", "5s3", "99999999999999h", ".s", "+"])
func `what is no duration is refused`(_ text: String) { #expect(throws: Complaint.self) { try Duration.parse(text) } }

@Test(arguments: [(0, "0s"), (20, "20ms"), (1500, "1.5s"), (90_000, "1m30s"), (3_600_000, "1h0m0s"), (30_000, "30s"), (1020, "1.02s")])
func `durations are printed as Go prints them`(_ milliseconds: Int, _ text: String) {
    #expect(Duration.text(Milliseconds(milliseconds)) == text)
}

@Test(arguments: [
    ("sh -c 'a b'", ["sh", "-c", "a b"]), ("a  b\tc", ["a", "b", "c"]), ("", []), ("''", [""]), ("a\"b\"c", ["abc"]), ("a\\ b", ["a b"]),
    ("\"a\\\"b\"", ["a\"b"]), ("'a\\b'", ["a\\b"]), ("\"a\\b\"", ["a\\b"]), ("$HOME *", ["$HOME", "*"]), ("a\nb", ["a", "b"]),
    ("end\\", ["end\\"]),
])
func `commands are split as a shell splits words`(_ text: String, _ words: [String]) throws {
    #expect(try ShellWords.split(text) == words)
}

@Test func `an open quote in a command is refused`() {
    #expect(throws: Complaint.self) { try ShellWords.split("echo 'x") }
}

private func ports(_ text: String) throws -> String {
    try PortText.parse(text).map { port in
        "\(port.hostIP ?? "*") \(port.published.map(String.init) ?? "-")\(port.publishedEnd.map { "..\($0)" } ?? "")>\(port.target)/\(port.proto)"
    }.joined(separator: ", ")
}

@Test(arguments: [
    ("3000", "* ->3000/tcp"), ("3000-3002", "* ->3000/tcp, * ->3001/tcp, * ->3002/tcp"), ("8000:80", "* 8000>80/tcp"),
    ("9090-9091:80-81", "* 9090>80/tcp, * 9091>81/tcp"), ("8000-8002:80", "* 8000..8002>80/tcp"), ("127.0.0.1:80:80", "127.0.0.1 80>80/tcp"),
    ("127.0.0.1::80", "127.0.0.1 ->80/tcp"), ("6060:6060/udp", "* 6060>6060/udp"), ("[::1]:80:81", "::1 80>81/tcp"),
    ("[::1]::81", "::1 ->81/tcp"), ("0:80", "* ->80/tcp"), ("80/TCP", "* ->80/tcp"),
])
func `short ports mean what Compose says`(_ text: String, _ expected: String) throws { #expect(try ports(text) == expected) }

@Test(arguments: [
    "", "a", "80:80:80:80", "::1:80:80", "70000", "0", "80/x", "80/tcp/udp", "90-80", "1-3:1-2", "1.2.3:80:80", "[::1]80:80", "[::1:80", "1.2.3.4:80",
    "-", "80-", ":", "1-2-3", "+80", "host:80:80",
])
func `what is no port is refused`(_ text: String) { #expect(throws: Complaint.self) { try PortText.parse(text) } }

@Test func `short volumes fall into their parts`() throws {
    #expect(try MountText.parse("/x") == MountText(source: nil, target: "/x", options: []))
    #expect(try MountText.parse("data:/x:ro,nocopy") == MountText(source: "data", target: "/x", options: ["ro", "nocopy"]))
    #expect(try MountText.parse("./a:/x").isBind && MountText.parse("~/a:/x").isBind && MountText.parse("/a:/x").isBind)
    #expect(try !MountText.parse("d:/data").isBind)
    for text in ["", ":/x", "a:", "a:b", "rel", "C:\\a:/x", "c:/a:/x", "\\\\srv\\share:/x", "a:/b:ro:rw"] {
        #expect(throws: Complaint.self, "\(text)") { try MountText.parse(text) }
    }
}

@Test func `addresses are told from names`() {
    for text in ["1.2.3.4", "255.255.255.255"] { #expect(Address.isIPv4(text)) }
    for text in ["1.2.3", "256.1.1.1", "1.2.3.4.5", "", "a.b.c.d", "1.2.3.-4"] { #expect(!Address.isIPv4(text)) }
    for text in ["::", "::1", "fe80::1%eth0", "2001:db8::a:b", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"] { #expect(Address.isIPv6(text), "\(text)") }
    for text in ["", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "g::", "12345::", "1:2:3:4:5:6:7:8:9"] { #expect(!Address.isIPv6(text), "\(text)") }
    #expect(Address.contains("10.1.0.0/16", "10.1.2.3") == true)
    #expect(Address.contains("10.1.0.0/16", "10.2.2.3") == false)
    #expect(Address.contains("fd00::/8", "fd12::1") == true)
    #expect(Address.contains("10.1.0.0/33", "10.1.2.3") == nil)
}

@Test func `paths are resolved as text`() {
    #expect(Paths.resolve("a/../b/./c", against: "/x") == "/x/b/c")
    #expect(Paths.resolve("../../..", against: "/x") == "/")
    #expect(Paths.resolve("~/a", against: "/x", home: "/home/me") == "/home/me/a")
    #expect(Paths.resolve("/a//b/", against: "/x") == "/a/b")
    #expect(Paths.shown("/x/y", from: "/x") == "y" && Paths.shown("/xy", from: "/x") == "/xy")
}

@Test func `the nearest name is a slip away`() {
    let names = ["image", "volumes", "volumes_from", "environment", "healthcheck", "depends_on"]
    #expect(NearestName.find("imag", among: names) == "image")
    #expect(NearestName.find("vloumes", among: names) == "volumes")
    #expect(NearestName.find("dependsOn", among: names) == "depends_on")
    #expect(NearestName.find("health-check", among: names) == "healthcheck")
    #expect(NearestName.find("something", among: names) == nil)
}

@Test func `project names follow the specification`() {
    #expect(ProjectName.normalised("My App!_1") == "myapp_1")
    #expect(ProjectName.normalised("--_x") == "x")
    #expect(ProjectName.complaint("ok-1_a") == nil)
    #expect(ProjectName.complaint("Bad")?.hint == "\"bad\" would do")
    #expect(ProjectName.complaint("") != nil)
}
