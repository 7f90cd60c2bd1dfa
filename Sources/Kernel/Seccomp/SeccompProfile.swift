import CSeccomp
import Linux

/// A filter of system calls, to be compiled for the kernel.
public struct SeccompProfile: Sendable, Hashable {
    public enum Action: Sendable, Hashable {
        case allow
        case errno(UInt32)
        case killProcess
        case killThread
        case trap
        case log
    }
    public enum Comparison: String, Sendable, Hashable { case notEqual, less, lessOrEqual, equal, greaterOrEqual, greater, maskedEqual }
    public struct Argument: Sendable, Hashable {
        public var index: UInt32
        public var comparison: Comparison
        /// The mask for `maskedEqual`.
        public var value: UInt64
        /// The wanted value for `maskedEqual`.
        public var second: UInt64
        public init(index: UInt32, comparison: Comparison, value: UInt64, second: UInt64 = 0) {
            self.index = index
            self.comparison = comparison
            self.value = value
            self.second = second
        }
    }
    public struct Rule: Sendable, Hashable {
        public var names: [String]
        public var action: Action
        public var arguments: [Argument]
        public init(names: [String], action: Action, arguments: [Argument] = []) {
            self.names = names
            self.action = action
            self.arguments = arguments
        }
    }
    public var defaultAction: Action
    public var rules: [Rule]
    /// Other architectures of this machine whose calls are filtered alike: `x86`, `x32`, `arm`.
    public var architectures: [String]
    public init(defaultAction: Action, rules: [Rule], architectures: [String] = []) {
        self.defaultAction = defaultAction
        self.rules = rules
        self.architectures = architectures
    }

    /// The kernel's instructions, 8 bytes each, by libseccomp. A call that this libseccomp does not know is left to the default
    /// action.
    /// - Throws: the errno that libseccomp answered.
    public func compiled() throws(SyscallError) -> [UInt8] {
        guard let context = seccomp_init(defaultAction.bits) else { throw SyscallError(call: "seccomp_init", subject: "", errno: 22) }
        defer { seccomp_release(context) }
        // A balanced tree: 10 comparisons a call instead of hundreds.
        try Self.check("seccomp_attr_set", "", seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
        try Self.check("seccomp_attr_set", "", seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0))
        for name in architectures {
            let token = seccomp_arch_resolve_name(name)
            if token != 0 && token != seccomp_arch_native() {
                try Self.check("seccomp_arch_add", name, seccomp_arch_add(context, token), except: -17)
            }
        }
        for rule in rules where rule.action != defaultAction {
            for name in rule.names { try rule.add(name, to: context) }
        }
        return try Self.export(context)
    }

    private static func export(_ context: scmp_filter_ctx) throws(SyscallError) -> [UInt8] {
        let pipe = try Memfd.scratch("seccomp")
        try check("seccomp_export_bpf", "", seccomp_export_bpf(context, pipe.raw))
        return try Memfd.content(of: pipe.raw)
    }

    static func check(_ call: String, _ subject: String, _ result: Int32, except allowed: Int32 = 0) throws(SyscallError) {
        if result < 0 && result != allowed { throw SyscallError(call: call, subject: subject, errno: -result) }
    }
}

extension SeccompProfile.Action {
    var bits: UInt32 {
        switch self {
        case .allow: 0x7fff_0000
        case .errno(let number): 0x0005_0000 | (number & 0xffff)
        case .killProcess: 0x8000_0000
        case .killThread: 0
        case .trap: 0x0003_0000
        case .log: 0x7ffc_0000
        }
    }
}

extension SeccompProfile.Comparison {
    var operation: scmp_compare {
        switch self {
        case .notEqual: SCMP_CMP_NE
        case .less: SCMP_CMP_LT
        case .lessOrEqual: SCMP_CMP_LE
        case .equal: SCMP_CMP_EQ
        case .greaterOrEqual: SCMP_CMP_GE
        case .greater: SCMP_CMP_GT
        case .maskedEqual: SCMP_CMP_MASKED_EQ
        }
    }
}

extension SeccompProfile.Rule {
    func add(_ name: String, to context: scmp_filter_ctx) throws(SyscallError) {
        let number = seccomp_syscall_resolve_name(name)
        if number == -1 { return }
        let comparisons = arguments.map {
            scmp_arg_cmp(arg: $0.index, op: $0.comparison.operation, datum_a: $0.value, datum_b: $0.second)
        }
        let result = seccomp_rule_add_array(context, action.bits, number, UInt32(comparisons.count), comparisons)
        // EDOM, EEXIST: not on this architecture, or a rule that says so already.
        if result < 0 && result != -33 && result != -17 { try SeccompProfile.check("seccomp_rule_add", name, result) }
    }
}
