/// Device rules as a BPF program, which is how cgroup v2 limits devices (Documentation/admin-guide/cgroup-v2.rst, "Device controller";
/// the program's context is `struct bpf_cgroup_dev_ctx` of linux/bpf.h, since Linux 4.15).
///
/// v1 keeps a list that each rule changes; here the last rule that fits decides, which comes to the same.
public struct DeviceProgram: Sendable, Hashable {
    /// 8 bytes each, in the byte order of the machine.
    public private(set) var instructions: [UInt64] = []

    /// - Returns: nil when a rule's text is none (`a`, or `c 1:3 rwm` with `*` for any number).
    public init?(_ rules: [Limits.DeviceAccess]) {
        load()
        for rule in rules.reversed() {
            guard let parsed = Rule(rule) else { return nil }
            add(parsed)
            // Nothing comes past a rule for everything, and the kernel refuses programs with instructions that nothing reaches.
            if parsed.isForAll { return }
        }
        answer(false)
    }

    /// Instruction: opcode, registers, jump distance, constant (linux/bpf.h).
    private static func instruction(_ code: UInt8, to: UInt8 = 0, from: UInt8 = 0, jump: Int16 = 0, constant: Int32 = 0) -> UInt64 {
        UInt64(code) | UInt64(to) << 8 | UInt64(from) << 12 | UInt64(UInt16(bitPattern: jump)) << 16
            | UInt64(UInt32(bitPattern: constant)) << 32
    }

    private enum Code {
        /// Loads 32 bits of the context; copies; ands and shifts by a constant; jumps unless equal or if equal; returns.
        static let load: UInt8 = 0x61, copy: UInt8 = 0xbf, and: UInt8 = 0x57, shiftRight: UInt8 = 0x77
        static let unlessEqual: UInt8 = 0x55, ifEqual: UInt8 = 0x15, set: UInt8 = 0xb7, exit: UInt8 = 0x95
    }

    /// Registers: 2 the type, 3 the access, 4 and 5 the numbers, 6 for scratch.
    private mutating func load() {
        instructions += [
            Self.instruction(Code.load, to: 2, from: 1, jump: 0), Self.instruction(Code.copy, to: 3, from: 2),
            Self.instruction(Code.and, to: 2, constant: 0xffff), Self.instruction(Code.shiftRight, to: 3, constant: 16),
            Self.instruction(Code.load, to: 4, from: 1, jump: 4), Self.instruction(Code.load, to: 5, from: 1, jump: 8),
        ]
    }

    private mutating func answer(_ isAllowed: Bool) {
        instructions += [Self.instruction(Code.set, to: 0, constant: isAllowed ? 1 : 0), Self.instruction(Code.exit)]
    }

    private mutating func add(_ rule: Rule) {
        var tests: [UInt64] = []
        /// Each test jumps behind the rule's answer; how far is known at the end.
        func test(_ code: UInt8, _ register: UInt8, _ constant: Int32) { tests.append(Self.instruction(code, to: register, constant: constant)) }
        if let type = rule.type { test(Code.unlessEqual, 2, type) }
        if rule.access != Rule.anyAccess {
            tests.append(Self.instruction(Code.copy, to: 6, from: 3))
            // An allowance must cover all that is asked; a refusal needs to touch some of it.
            tests.append(Self.instruction(Code.and, to: 6, constant: rule.isAllowed ? ~rule.access & 7 : rule.access))
            test(rule.isAllowed ? Code.unlessEqual : Code.ifEqual, 6, 0)
        }
        if let major = rule.major { test(Code.unlessEqual, 4, major) }
        if let minor = rule.minor { test(Code.unlessEqual, 5, minor) }
        for (index, word) in tests.enumerated() {
            let code = UInt8(truncatingIfNeeded: word)
            let isJump = code == Code.unlessEqual || code == Code.ifEqual
            instructions.append(isJump ? word | UInt64(tests.count - index + 1) << 16 : word)
        }
        answer(rule.isAllowed)
    }

    private struct Rule {
        static let anyAccess: Int32 = 7
        var isAllowed: Bool
        /// 1 block, 2 character, as the kernel numbers them here.
        var type: Int32?
        var major: Int32?
        var minor: Int32?
        /// 1 mknod, 2 read, 4 write.
        var access: Int32 = anyAccess

        var isForAll: Bool { type == nil && major == nil && minor == nil && access == Self.anyAccess }

        init?(_ rule: Limits.DeviceAccess) {
            isAllowed = rule.allow
            let words = rule.text.split(separator: " ")
            if words == ["a"] { return }
            guard words.count == 3, let kind = ["b": 1, "c": 2][String(words[0])] as Int32? else { return nil }
            type = kind
            let numbers = words[1].split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, let majors = Self.number(numbers[0]), let minors = Self.number(numbers[1]) else { return nil }
            (major, minor) = (majors.value, minors.value)
            access = 0
            for letter in words[2].utf8 {
                guard let bit = [109: 1, 114: 2, 119: 4][letter] as Int32? else { return nil }
                access |= bit
            }
        }

        private static func number(_ text: Substring) -> (value: Int32?, ())? {
            if text == "*" { return (nil, ()) }
            return Int32(text).map { ($0, ()) }
        }
    }
}
