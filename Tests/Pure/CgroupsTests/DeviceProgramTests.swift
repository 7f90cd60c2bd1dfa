import Cgroups
import Testing

@Suite struct DeviceProgramTests {
    /// What the kernel gives the program.
    struct Request {
        var type: Character
        var major: UInt32
        var minor: UInt32
        var access: String
    }

    /// Runs a program as the kernel's interpreter would, as far as these programs go.
    private func isAllowed(_ program: DeviceProgram, _ request: Request) -> Bool? {
        let bits = request.access.reduce(UInt32(0)) { $0 | ($1 == "m" ? 1 : $1 == "r" ? 2 : 4) }
        let context: [UInt32] = [bits << 16 | (request.type == "b" ? 1 : 2), request.major, request.minor]
        var registers = [UInt64](repeating: 0, count: 11)
        var next = 0
        while program.instructions.indices.contains(next) {
            let word = program.instructions[next]
            let (to, from) = (Int(word >> 8 & 15), Int(word >> 12 & 15))
            let (jump, constant) = (Int(word >> 16 & 0xffff), UInt64(word >> 32))
            next += 1
            switch UInt8(truncatingIfNeeded: word) {
            case 0x61: registers[to] = UInt64(context[jump / 4])
            case 0xbf: registers[to] = registers[from]
            case 0x57: registers[to] &= constant
            case 0x77: registers[to] >>= constant
            case 0x55: next += registers[to] != constant ? jump : 0
            case 0x15: next += registers[to] == constant ? jump : 0
            case 0xb7: registers[to] = constant
            case 0x95: return registers[0] == 1
            default: return nil
            }
        }
        return nil
    }

    private func program(_ rules: [(Bool, String)]) throws -> DeviceProgram {
        try #require(DeviceProgram(rules.map { .init(allow: $0.0, text: $0.1) }))
    }

    @Test func onlyWhatIsAllowedAfterTheGeneralRefusalPasses() throws {
        let program = try program([(false, "a"), (true, "c 1:3 rwm"), (true, "c 136:* rw"), (true, "b *:* m")])
        for (request, expected) in [
            (Request(type: "c", major: 1, minor: 3, access: "rw"), true), (Request(type: "c", major: 1, minor: 4, access: "r"), false),
            (Request(type: "b", major: 1, minor: 3, access: "r"), false), (Request(type: "c", major: 136, minor: 77, access: "rw"), true),
            (Request(type: "c", major: 136, minor: 77, access: "m"), false), (Request(type: "c", major: 136, minor: 7, access: "rm"), false),
            (Request(type: "b", major: 8, minor: 0, access: "m"), true), (Request(type: "b", major: 8, minor: 0, access: "w"), false),
        ] { #expect(isAllowed(program, request) == expected, "\(request)") }
    }

    @Test func theLastRuleThatFitsDecides() throws {
        let program = try program([(true, "a"), (false, "c 5:* w"), (true, "c 5:1 w")])
        #expect(isAllowed(program, Request(type: "c", major: 5, minor: 0, access: "w")) == false)
        #expect(isAllowed(program, Request(type: "c", major: 5, minor: 0, access: "rw")) == false)
        #expect(isAllowed(program, Request(type: "c", major: 5, minor: 0, access: "r")) == true)
        #expect(isAllowed(program, Request(type: "c", major: 5, minor: 1, access: "w")) == true)
        #expect(isAllowed(program, Request(type: "b", major: 8, minor: 0, access: "rwm")) == true)
    }

    @Test func noRulesRefuseEverything() throws {
        #expect(isAllowed(try program([]), Request(type: "c", major: 1, minor: 3, access: "r")) == false)
    }

    @Test(arguments: ["", "x", "c", "c 1:3", "c 1 rwm", "c a:b r", "c 1:3 x", "c 1:3 rwm more", "c -:3 r", "c 99999999999:1 r"])
    func whatIsNoRuleIsRefused(text: String) {
        #expect(DeviceProgram([.init(allow: true, text: text)]) == nil)
    }
}
