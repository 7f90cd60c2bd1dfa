import Launch
import Linux

/// The sentence for a step that failed: what it was, on what, why, and what helps.
func describe(_ failure: LaunchFailure, in steps: [LaunchStep]) -> RuntimeError {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    let reason = "\(Errno.sentence(failure.errno)) (\(Errno.name(failure.errno)))"
    guard failure.step < steps.count else { return RuntimeError(.launch, "start the process", cause: reason) }
    switch steps[Int(failure.step)] {
    case .exec(let arguments, _):
        let name = arguments.first.map(text) ?? ""
        return RuntimeError(.launch, "run \"\(name)\"", cause: reason, hint: execHint(name, failure.errno))
    case .bind(let source, let target, _, _, _):
        return RuntimeError(
            .launch, "mount \"\(text(source))\" at \"\(text(target))\"", cause: reason,
            hint: failure.errno == 20 ? "one is a file and the other a folder" : nil)
    case .mount(let type, _, let target, _, _):
        return RuntimeError(.launch, "mount \(text(type)) at \"\(text(target))\"", cause: reason)
    case .overlayRoot: return RuntimeError(.launch, "mount the image's layers", cause: reason)
    case .bindRoot(let path): return RuntimeError(.launch, "use \"\(text(path))\" as root", cause: reason)
    case .chdir(let path):
        return RuntimeError(.launch, "enter the working folder \"\(text(path))\"", cause: reason, hint: "check working_dir and user")
    case .sysctl(let path, let value):
        return RuntimeError(
            .launch, "set sysctl \(text(path).split(separator: "/").joined(separator: ".")) to \"\(text(value))\"", cause: reason,
            hint: "only sysctls of the container's own namespaces can be set")
    case .joinCgroup(let procs): return RuntimeError(.launch, "join the cgroup \"\(text(procs))\"", cause: reason)
    case .joinNamespace(let path, _): return RuntimeError(.launch, "join the namespace \"\(text(path))\"", cause: reason)
    case .device(let path, _, _, _, _, _, _): return RuntimeError(.launch, "make the device \"\(text(path))\"", cause: reason)
    case .mask(let path): return RuntimeError(.launch, "hide \"\(text(path))\"", cause: reason)
    case .readonly(let path): return RuntimeError(.launch, "make \"\(text(path))\" read-only", cause: reason)
    case .rlimit: return RuntimeError(.launch, "set a ulimit", cause: reason)
    case .seccomp: return RuntimeError(.launch, "load the seccomp filter", cause: reason)
    case .enter: return RuntimeError(.notRunning, "enter the container", cause: reason)
    case .terminal: return RuntimeError(.launch, "open a terminal", cause: reason, hint: "the image needs /dev/pts")
    case .uid(let id): return RuntimeError(.launch, "become user \(id)", cause: reason)
    case let step: return RuntimeError(.launch, "launch step \(step)", cause: reason)
    }
}

private func execHint(_ name: String, _ errno: Int32) -> String? {
    switch errno {
    case 2:
        name.contains("/")
            ? "the image has no such file, or it is a script whose interpreter the image lacks" : "no such program in the PATH of the image"
    case 8: "not a program for this machine: wrong architecture, or a script without #!"
    case 13: "make the file executable (chmod +x) before it goes into the image"
    default: nil
    }
}
