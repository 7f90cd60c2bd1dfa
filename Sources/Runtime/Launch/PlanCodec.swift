extension LaunchPlan {
    private static let version: UInt32 = 0x4750_4C31

    /// The plan as bytes.
    public func encoded() -> [UInt8] {
        var out = ByteWriter()
        out.put(Self.version)
        out.put(cloneFlags)
        out.put(logPath)
        out.put(logMaxBytes)
        out.put(logFiles)
        out.put(runFolder)
        out.put(UInt32(truncatingIfNeeded: steps.count))
        for step in steps {
            var body = ByteWriter()
            let code = step.write(to: &body)
            out.put(code)
            out.put(body.bytes)
        }
        return out.bytes
    }

    /// Reads what `encoded` wrote.
    /// - Throws: `CodecError`; no bytes make it trap.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        var input = ByteReader(bytes)
        let version = try input.u32()
        guard version == Self.version else { throw .unknownVersion(version) }
        let flags = try input.u64()
        let log = try input.data()
        let maxBytes = try input.u64()
        let files = try input.u32()
        let folder = try input.data()
        var steps: [LaunchStep] = []
        for _ in 0..<(try input.count(of: 6)) {
            let code = try input.u16()
            var body = ByteReader(try input.data())
            steps.append(try LaunchStep(code: code, from: &body))
        }
        self.init(cloneFlags: flags, steps: steps, logPath: log, logMaxBytes: maxBytes, logFiles: files, runFolder: folder)
    }
}

extension LaunchStep {
    /// Writes the payload and answers the step's code.
    func write(to out: inout ByteWriter) -> UInt16 {
        switch self {
        case .joinCgroup(let procs): out.put(procs); return 1
        case .joinNamespace(let path, let type): out.put(path); out.put(type); return 2
        case .unshare(let flags): out.put(flags); return 3
        case .privateMounts: return 4
        case .overlayRoot(let lower, let upper, let work, let target):
            out.put(lower); out.put(upper); out.put(work); out.put(target); return 5
        case .bindRoot(let path): out.put(path); return 6
        case .mount(let type, let source, let target, let attributes, let options):
            out.put(type); out.put(source); out.put(target); out.put(attributes); out.put(options); return 7
        case .bind(let source, let target, let attributes, let recursive, let folder):
            out.put(source); out.put(target); out.put(attributes); out.put(recursive); out.put(folder); return 8
        case .device(let path, let type, let major, let minor, let mode, let uid, let gid):
            out.put(path); out.put(type); out.put(major); out.put(minor); out.put(mode); out.put(uid); out.put(gid); return 9
        case .symlink(let target, let path): out.put(target); out.put(path); return 10
        case .folder(let path): out.put(path); return 33
        case .sysctl(let path, let value): out.put(path); out.put(value); return 11
        case .mask(let path): out.put(path); return 12
        case .readonly(let path): out.put(path); return 13
        case .pivotRoot: return 14
        case .readonlyRoot: return 15
        case .hostname(let name): out.put(name); return 16
        case .domainname(let name): out.put(name); return 17
        case .rlimit(let resource, let soft, let hard): out.put(resource); out.put(soft); out.put(hard); return 18
        case .oomScoreAdjust(let value): out.put(UInt32(bitPattern: value)); return 19
        case .terminal(let rows, let columns): out.put(rows); out.put(columns); return 20
        case .dropBounding(let keep): out.put(keep); return 21
        case .groups(let list): out.put(list); return 22
        case .gid(let id): out.put(id); return 23
        case .uid(let id): out.put(id); return 24
        case .capabilities(let effective, let permitted, let inheritable, let ambient):
            out.put(effective); out.put(permitted); out.put(inheritable); out.put(ambient); return 25
        case .noNewPrivileges: return 26
        case .seccomp(let bytes): out.put(bytes); return 27
        case .umask(let mask): out.put(mask); return 28
        case .chdir(let path): out.put(path); return 29
        case .enter: return 30
        case .initProcess: return 31
        case .exec(let arguments, let environment): out.put(arguments); out.put(environment); return 32
        }
    }

    init(code: UInt16, from input: inout ByteReader) throws(CodecError) {
        switch code {
        case 1: self = .joinCgroup(procs: try input.data())
        case 2: self = .joinNamespace(path: try input.data(), type: try input.u32())
        case 3: self = .unshare(flags: try input.u32())
        case 4: self = .privateMounts
        case 5:
            self = .overlayRoot(
                lower: try input.list(), upper: try input.data(), work: try input.data(), target: try input.data())
        case 6: self = .bindRoot(path: try input.data())
        case 7:
            self = .mount(
                type: try input.data(), source: try input.data(), target: try input.data(), attributes: try input.u32(),
                options: try input.data())
        case 8:
            self = .bind(
                source: try input.data(), target: try input.data(), attributes: try input.u32(), recursive: try input.bool(),
                folder: try input.bool())
        case 9:
            self = .device(
                path: try input.data(), type: try input.u8(), major: try input.u32(), minor: try input.u32(),
                mode: try input.u32(), uid: try input.u32(), gid: try input.u32())
        case 10: self = .symlink(target: try input.data(), path: try input.data())
        case 11: self = .sysctl(path: try input.data(), value: try input.data())
        case 12: self = .mask(path: try input.data())
        case 13: self = .readonly(path: try input.data())
        case 14: self = .pivotRoot
        case 15: self = .readonlyRoot
        case 16: self = .hostname(try input.data())
        case 17: self = .domainname(try input.data())
        default: self = try Self.later(code, &input)
        }
    }

    private static func later(_ code: UInt16, _ input: inout ByteReader) throws(CodecError) -> LaunchStep {
        switch code {
        case 18: return .rlimit(resource: try input.u32(), soft: try input.u64(), hard: try input.u64())
        case 19: return .oomScoreAdjust(Int32(bitPattern: try input.u32()))
        case 20: return .terminal(rows: try input.u32(), columns: try input.u32())
        case 21: return .dropBounding(keep: try input.u64())
        case 22: return .groups(try input.numbers())
        case 23: return .gid(try input.u32())
        case 24: return .uid(try input.u32())
        case 25:
            return .capabilities(
                effective: try input.u64(), permitted: try input.u64(), inheritable: try input.u64(), ambient: try input.u64())
        case 26: return .noNewPrivileges
        case 27: return .seccomp(try input.data())
        case 28: return .umask(try input.u32())
        case 29: return .chdir(try input.data())
        case 30: return .enter
        case 31: return .initProcess
        case 32: return .exec(arguments: try input.list(), environment: try input.list())
        case 33: return .folder(path: try input.data())
        default: throw .unknownStep(code)
        }
    }
}
