import FoundationEssentials
import Images
import Linux
import OCI
import RuntimeSpec
import StackModel

/// What a container sees of its networks.
struct WiredNetwork: Sendable, Hashable {
    /// Address of the first network; nil: none.
    var address: String?
    /// The host as containers reach it.
    var gateway: String?
    /// Where names are asked for; nil: the host's resolvers.
    var resolver: String?
}

/// The effects before a container can be described: volumes and folders are made, files are written, names are looked up.
struct ContainerPreparation {
    let root: String
    let id: String
    /// The place in the stack that anonymous volumes belong to.
    let owner: String
    let number: Int
    let name: String
    let stack: Stack
    let service: Service
    let image: ImageConfig
    let layers: [String]
    let user: ResolvedUser
    let addedGroups: [UInt32]
    let network: WiredNetwork?
    let now: Timestamp
    /// For names of anonymous volumes.
    let newName: @Sendable () -> String

    /// - Parameter seed: copies the folder at a path of the image into a volume's folder.
    func record(volumes: VolumeStore, seed: (_ folder: String, _ path: String) throws -> Void) throws -> BlueprintResult {
        var mounts: [ResolvedMount] = []
        for mount in service.mounts { mounts.append(try resolve(mount, volumes, seed)) }
        let covered = Set(mounts.map(\.target))
        for path in (image.volumes ?? [:]).keys.sorted() where !covered.contains(path) {
            mounts.append(try anonymous(path, readOnly: false, noCopy: false, volumes, seed))
        }
        let files = ContainerFiles(root: root, id: id, service: service, network: network, hostname: hostname)
        mounts += try files.write(unless: Set(mounts.map(\.target)), stack: stack)
        return try Blueprint.record(
            BlueprintInput(
                id: id, name: name, stack: stack.name, service: service, image: image, layers: layers, user: user, addedGroups: addedGroups,
                mounts: mounts, seccompProfile: try profile(), hostName: Host.name))
    }

    private var hostname: String { service.hostname ?? (service.networkMode == .host ? Host.name : String(id.prefix(12))) }

    private func resolve(_ mount: ServiceMount, _ volumes: VolumeStore, _ seed: (String, String) throws -> Void) throws -> ResolvedMount {
        switch mount.source {
        case .tmpfs(let size, let mode): return ResolvedMount(kind: .tmpfs(size: size, mode: mode), target: mount.target, readOnly: mount.readOnly)
        case .bind(let path, let create, let propagation):
            if !File.exists(path) {
                guard create else {
                    throw Failure(
                        code: .notFound, what: "service \"\(service.name)\": bind source path does not exist: \(path)",
                        hint: "make it, or set create_host_path: true")
                }
                try Disk.doing("make \(path) for service \"\(service.name)\"") { () throws(SyscallError) in try File.makeDirectories(path, mode: 0o755) }
            }
            return ResolvedMount(kind: .bind(source: path, propagation: propagation), target: mount.target, readOnly: mount.readOnly)
        case .volume(nil, let noCopy, _):
            return try anonymous(mount.target, readOnly: mount.readOnly, noCopy: noCopy, volumes, seed)
        case .volume(let key?, let noCopy, let subpath):
            return try named(key, mount, noCopy, subpath, volumes, seed)
        }
    }

    private func named(
        _ key: String, _ mount: ServiceMount, _ noCopy: Bool, _ subpath: String?, _ volumes: VolumeStore, _ seed: (String, String) throws -> Void
    ) throws -> ResolvedMount {
        guard let volume = stack.volumes[key] else { throw Failure(code: .notFound, what: "service \"\(service.name)\": volume \"\(key)\" is not declared") }
        if !volume.external { try volumes.ensure(volume, stack: stack.name, now: now) }
        let options = volumes.options(volume.name)
        if options["type"] == "tmpfs" {
            let size = (options["o"] ?? "").split(separator: ",").first { $0.hasPrefix("size=") }.flatMap { ByteCount.parse(String($0.dropFirst(5))) }
            return ResolvedMount(kind: .tmpfs(size: size, mode: nil), target: mount.target, readOnly: mount.readOnly)
        }
        if !noCopy { try volumes.seed(volume.name) { try seed($0, mount.target) } }
        let source = try within(volumes.data(volume.name), subpath)
        return ResolvedMount(kind: .bind(source: source, propagation: nil), target: mount.target, readOnly: mount.readOnly)
    }

    /// A folder inside a volume; no link of it may lead outside.
    private func within(_ folder: String, _ subpath: String?) throws -> String {
        guard let subpath, !subpath.isEmpty else { return folder }
        do throws(SyscallError) {
            let fd = try File.open(folder, flags: File.folder)
            _ = try File.openBeneath(fd.raw, subpath, flags: File.path, followLinks: false)
        } catch {
            throw Failure(code: .notFound, what: "service \"\(service.name)\": subpath \"\(subpath)\" of the volume", cause: error.sentence, hint: "make it first")
        }
        return "\(folder)/\(subpath)"
    }

    private func anonymous(
        _ target: String, readOnly: Bool, noCopy: Bool, _ volumes: VolumeStore, _ seed: (String, String) throws -> Void
    ) throws -> ResolvedMount {
        let name = try volumes.anonymous(owner: owner, target: target, newName: newName, now: now)
        if !noCopy { try volumes.seed(name) { try seed($0, target) } }
        return ResolvedMount(kind: .bind(source: volumes.data(name), propagation: nil), target: target, readOnly: readOnly)
    }

    private func profile() throws -> SeccompSpec? {
        guard let path = try SecurityOptions(service).seccompProfile else { return nil }
        let bytes = try Disk.doing("read seccomp profile \(path) of service \"\(service.name)\"") { () throws(SyscallError) in try File.readAll(path, limit: 4 << 20) }
        guard let profile = try? JSONDecoder().decode(SeccompSpec.self, from: Data(bytes)) else {
            throw Failure(code: .invalid, what: "service \"\(service.name)\": seccomp profile \(path)", cause: "it is no seccomp profile in JSON")
        }
        return profile
    }
}
