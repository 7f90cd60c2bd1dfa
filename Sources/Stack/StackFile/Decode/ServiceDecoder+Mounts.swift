import StackModel
import YAML

extension ServiceDecoder {
    func mounts() -> [ServiceMount] {
        var mounts: [ServiceMount] = []
        var places: [String: Place] = [:]
        for item in Merging.keepLast(fields["volumes"]?.sequence ?? [], key: ItemKey.mount) {
            do throws(Complaint) {
                guard let mount = try item.scalar == nil ? long(item) : short(item) else { continue }
                places[trimmed(mount.target)] = item.place
                checkSource(mount, at: item["source"]?.place ?? item.place)
                mounts.append(mount)
            } catch { report.error(error, at: item.place) }
        }
        for item in Merging.keepLast(fields.items("tmpfs"), key: ItemKey.tmpfs) {
            guard let mount = tmpfs(item) else { continue }
            if let other = places[trimmed(mount.target)] {
                report.error("\"\(mount.target)\" is already mounted in line \(other.line)", at: item.place, hint: "remove one of the two")
            }
            mounts.append(mount)
        }
        return mounts
    }

    /// A missing folder is made; a missing file becomes a folder too, which is never what was meant.
    private func checkSource(_ mount: ServiceMount, at place: Place) {
        guard isActive, case .bind(let path, let create, _) = mount.source, !session.files.exists(path) else { return }
        if !create {
            report.warning("\"\(session.shown(path))\" does not exist on this host", at: place, hint: "make it before the stack starts")
        } else if Paths.name(path).dropFirst().contains(".") {
            report.warning(
                "the file \"\(session.shown(path))\" does not exist; a folder is made in its place", at: place,
                hint: "make the file before the stack starts")
        }
    }

    private func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private func short(_ item: Node) throws(Complaint) -> ServiceMount? {
        guard case .string(let text)? = item.scalar?.resolved else { return nil }
        let mount = try MountText.parse(text)
        var readOnly = false
        var noCopy = false
        var propagation: String?
        for option in mount.options {
            switch option {
            case "ro": readOnly = true
            case "rw": readOnly = false
            case "nocopy", "volume-nocopy": noCopy = true
            case "private", "rprivate", "shared", "rshared", "slave", "rslave": propagation = option
            case "z", "Z": report.warning("the option \"\(option)\" has no effect here: SELinux labels are not set", at: item.place)
            case "cached", "delegated", "consistent":
                report.warning("the option \"\(option)\" has no effect here: it is for Docker Desktop", at: item.place)
            default:
                let near = NearestName.find(option, among: ["ro", "rw", "nocopy", "rshared", "rslave", "rprivate"])
                report.error("unknown option \"\(option)\" of a volume", at: item.place, hint: near.map { "did you mean \"\($0)\"?" })
            }
        }
        guard let source = mount.source else {
            return ServiceMount(source: .volume(name: nil, noCopy: noCopy, subpath: nil), target: mount.target, readOnly: readOnly)
        }
        let kind: ServiceMount.Source =
            mount.isBind
            ? .bind(path: source, createHostPath: true, propagation: propagation) : .volume(name: source, noCopy: noCopy, subpath: nil)
        return ServiceMount(source: kind, target: mount.target, readOnly: readOnly)
    }

    private func long(_ item: Node) throws(Complaint) -> ServiceMount? {
        guard let mount = Fields(item), let type = mount.text("type") else { return nil }
        guard let target = mount.text("target"), target.hasPrefix("/") else {
            throw Complaint("a mount needs \"target\", an absolute path of the container")
        }
        let readOnly = mount.bool("read_only") ?? false
        let source = mount.text("source").flatMap { $0.isEmpty ? nil : $0 }
        switch type {
        case "bind":
            guard let source else { throw Complaint("a bind mount needs \"source\", a path of the host") }
            let bind = mount.fields("bind")
            // The long form makes the folder too, unless it says otherwise.
            let create = bind?.bool("create_host_path") ?? true
            return ServiceMount(
                source: .bind(path: source, createHostPath: create, propagation: bind?.text("propagation")), target: target, readOnly: readOnly)
        case "volume":
            let volume = mount.fields("volume")
            return ServiceMount(
                source: .volume(name: source, noCopy: volume?.bool("nocopy") ?? false, subpath: volume?.text("subpath")), target: target,
                readOnly: readOnly)
        case "tmpfs":
            if source != nil { throw Complaint("a tmpfs mount has no \"source\"") }
            let tmpfs = mount.fields("tmpfs")
            return ServiceMount(source: .tmpfs(size: tmpfs?.size("size"), mode: tmpfs?.int("mode")), target: target, readOnly: readOnly)
        case "image": throw Complaint("mounts of type \"image\" are not served yet", hint: "use a volume or a bind mount")
        case "npipe", "cluster": throw Complaint("mounts of type \"\(type)\" do not exist on one Linux host")
        default: return nil
        }
    }

    /// `path[:size=64m,mode=1777,ro]`.
    private func tmpfs(_ item: Node) -> ServiceMount? {
        guard let text = item.scalar?.text else { return nil }
        let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let target = halves.first, target.hasPrefix("/") else {
            report.error("\"\(text)\" is not an absolute path", at: item.place, hint: "write \"/run\" or \"/run:size=64m\"")
            return nil
        }
        var size: Int?
        var mode: Int?
        var readOnly = false
        for option in halves.count == 2 ? halves[1].split(separator: ",").map(String.init) : [] {
            let (key, value) = Forms.split(option)
            switch key {
            case "size":
                do throws(Complaint) { size = try ByteSize.parse(value ?? "") } catch { report.error(error, at: item.place) }
            case "mode":
                mode = Int(value ?? "", radix: 8)
                if mode == nil { report.error("\"\(value ?? "")\" is not a mode", at: item.place, hint: "write octal digits, such as 1777") }
            case "ro": readOnly = true
            case "rw", "nosuid", "nodev": break
            default: report.warning("the tmpfs option \"\(option)\" is not served yet and has no effect", at: item.place)
            }
        }
        return ServiceMount(source: .tmpfs(size: size, mode: mode), target: target, readOnly: readOnly)
    }
}
