import CLinux
import Glibc
import Linux
import Seccomp
import Testing
import TestSupport

/// Filters loaded on a thread that ends with the test: no other thread is touched.
@Suite(.serialized, .enabled(if: Machine.isRoot, "needs root")) struct FilterTests {
    /// The errno of each call under the filter; 0: it went through.
    private func answers(_ profile: SeccompProfile, _ calls: [@Sendable () -> Int]) throws -> [Int32] {
        let program = try profile.compiled()
        return try Namespace.onThread { () throws(SyscallError) -> [Int32] in
            try syscall("prctl") { gl_prctl(Int32(GL_PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0) }
            try syscall("seccomp") { program.withUnsafeBytes { gl_seccomp_filter($0.baseAddress, UInt16(program.count / 8), 0) } }
            return calls.map { call in
                let result = call()
                let number = gl_errno()
                return result < 0 ? number : 0
            }
        }
    }

    private static func open(_ family: Int32, _ proto: Int32 = 0) -> @Sendable () -> Int {
        {
            let fd = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), proto)
            let number = gl_errno()
            if fd >= 0 { close(fd) }
            errno = number
            return Int(fd)
        }
    }

    @Test func aRefusedCallAnswersWithTheGivenErrno() throws {
        let profile = SeccompProfile(
            defaultAction: .allow, rules: [.init(names: ["sethostname"], action: .errno(1)), .init(names: ["setdomainname"], action: .errno(95))])
        let name = "x"
        #expect(try answers(profile, [{ Int(gl_sethostname(name, 1)) }, { Int(gl_setdomainname(name, 1)) }, { Int(getppid()) }]) == [1, 95, 0])
    }

    @Test func argumentsAreCompared() throws {
        let profile = SeccompProfile(
            defaultAction: .allow,
            rules: [
                .init(names: ["socket"], action: .errno(97), arguments: [.init(index: 0, comparison: .greater, value: 17)]),
                .init(
                    names: ["socket"], action: .errno(22),
                    arguments: [.init(index: 0, comparison: .equal, value: 16), .init(index: 2, comparison: .equal, value: 9)]),
            ])
        #expect(
            try answers(profile, [Self.open(AF_INET), Self.open(AF_UNIX), Self.open(38), Self.open(16, 9), Self.open(16)])
                == [0, 0, 97, 22, 0])
    }

    @Test func maskedBitsAreCompared() throws {
        let profile = SeccompProfile(
            defaultAction: .allow,
            rules: [
                .init(
                    names: ["ioctl"], action: .errno(1),
                    arguments: [.init(index: 1, comparison: .maskedEqual, value: 0xffff_ffff, second: 0x5412)])
            ])
        // Others fail because descriptor -1 is none.
        let ioctl = { (request: UInt) in { @Sendable in Int(gl_ioctl(-1, request, nil)) } }
        #expect(try answers(profile, [ioctl(0x5412), ioctl(0x1_0000_5412), ioctl(0x5413)]) == [1, 1, EBADF])
    }

    @Test func callsThatTheLibraryDoesNotKnowAreLeftToTheDefault() throws {
        let profile = SeccompProfile(defaultAction: .allow, rules: [.init(names: ["no_such_call", "sethostname"], action: .errno(1))])
        #expect(try answers(profile, [{ Int(gl_sethostname("x", 1)) }]) == [1])
    }

    @Test func filtersOfOtherArchitecturesAreThere() throws {
        let rule = SeccompProfile.Rule(names: ["sethostname"], action: .errno(1))
        let plain = try SeccompProfile(defaultAction: .allow, rules: [rule]).compiled()
        let both = try SeccompProfile(defaultAction: .allow, rules: [rule], architectures: ["x86", "x32", "arm"]).compiled()
        #expect(plain.count % 8 == 0 && both.count > plain.count)
    }

    @Test func theSameProfileGivesTheSameBytes() throws {
        let profile = SeccompProfile(defaultAction: .errno(38), rules: [.init(names: ["read", "write"], action: .allow)])
        #expect(try profile.compiled() == profile.compiled())
    }

    /// The thread that loaded it is filtered, the process is not.
    @Test func nobodyElseIsFiltered() throws {
        let profile = SeccompProfile(defaultAction: .allow, rules: [.init(names: ["getpriority"], action: .errno(1))])
        #expect(try answers(profile, [{ Int(getpriority(0, 0)) }]) == [1])
        errno = 0
        #expect(getpriority(0, 0) != -1 || errno == 0)
    }
}
