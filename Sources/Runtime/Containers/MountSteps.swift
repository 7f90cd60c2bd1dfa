import CLinux
import Cgroups
import Launch
import RuntimeSpec

/// An entry of `mounts` as steps: attributes apart from the filesystem's own options.
func mountSteps(_ mount: MountSpec, _ context: LaunchContext) -> [LaunchStep] {
    var attributes: UInt32 = 0
    var data: [String] = []
    var bind = mount.type == "bind"
    var recursive = true
    for option in mount.options ?? [] {
        switch option {
        case "bind": (bind, recursive) = (true, false)
        case "rbind": (bind, recursive) = (true, true)
        case "ro": attributes |= UInt32(GL_MOUNT_ATTR_RDONLY)
        case "nosuid": attributes |= UInt32(GL_MOUNT_ATTR_NOSUID)
        case "nodev": attributes |= UInt32(GL_MOUNT_ATTR_NODEV)
        case "noexec": attributes |= UInt32(GL_MOUNT_ATTR_NOEXEC)
        case "noatime": attributes |= UInt32(GL_MOUNT_ATTR_NOATIME)
        case "strictatime": attributes |= UInt32(GL_MOUNT_ATTR_STRICTATIME)
        case "rw", "suid", "dev", "exec", "relatime", "defaults", "private", "rprivate", "nocopy": break
        default: data.append(option)
        }
    }
    let target = bytes(mount.destination)
    if bind {
        let source = mount.source ?? ""
        return [
            .bind(source: bytes(source), target: target, attributes: attributes, recursive: recursive, folder: context.isFolder(source))
        ]
    }
    if mount.type == "cgroup" { return cgroupSteps(mount.destination, attributes, context.layout) }
    return [
        .mount(
            type: bytes(mount.type ?? "tmpfs"), source: bytes(mount.source ?? mount.type ?? "none"), target: target, attributes: attributes,
            options: bytes(data.joined(separator: ",")))
    ]
}

/// The container's view of its cgroups: cgroup2 alone on a v2 host, else a small tmpfs with the hierarchies in it.
private func cgroupSteps(_ target: String, _ attributes: UInt32, _ layout: CgroupLayout) -> [LaunchStep] {
    if layout.v1.isEmpty {
        return [.mount(type: bytes("cgroup2"), source: bytes("cgroup"), target: bytes(target), attributes: attributes, options: [])]
    }
    let own = attributes & ~UInt32(GL_MOUNT_ATTR_RDONLY)
    var steps: [LaunchStep] = [
        .mount(type: bytes("tmpfs"), source: bytes("cgroup"), target: bytes(target), attributes: own, options: bytes("mode=755,size=64k"))
    ]
    for mount in layout.v1Mounts {
        let controllers = layout.v1.filter { $0.value == mount }.map(\.key).sorted()
        guard let name = mount.split(separator: "/").last else { continue }
        steps.append(
            .mount(
                type: bytes("cgroup"), source: bytes("cgroup"), target: bytes("\(target)/\(name)"), attributes: attributes,
                options: bytes(controllers.joined(separator: ","))))
    }
    if attributes & UInt32(GL_MOUNT_ATTR_RDONLY) != 0 { steps.append(.readonly(path: bytes(target))) }
    return steps
}
