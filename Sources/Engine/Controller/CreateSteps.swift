import Containers
import Images
import Linux
import Networks
import OCI
import Planner
import StackModel

extension Steps {
    /// Makes a container completely or not at all: its files, volumes and network; no process.
    func create(_ service: String, _ number: Int, _ name: String) async throws {
        guard let spec = desired.stack.services[service] else { return }
        let (world, desired) = (world, desired)
        let id = world.newID()
        let facts = try await world.pool.run { () throws -> Facts in
            // Found again after an interruption: made already.
            if let there = world.facts.of(stack: desired.stack.name).first(where: { $0.name == name && !$0.isRemoving }),
                (try? world.containers.status(there.id)) != nil
            {
                return there
            }
            let making = Making(world: world, desired: desired, spec: spec, number: number, name: name, id: id)
            return try making.make()
        }
        world.tell(facts, "create")
    }
}

/// The making of one container, with the way back when a part of it fails.
struct Making {
    let world: World
    let desired: Desired
    let spec: Service
    let number: Int
    let name: String
    let id: String

    func make() throws -> Facts {
        let image = try image()
        var facts = Facts(
            id: id, stack: desired.stack.name, service: spec.name, number: number, name: name, spec: spec, imageID: image.id,
            createdAt: world.now())
        facts.recreateGeneration = desired.recreateGeneration[spec.name] ?? 0
        facts.restartGeneration = desired.restartGeneration[spec.name] ?? 0
        facts.hasHealthcheck = EffectiveCheck(service: spec.healthcheck, image: image.config.healthcheck) != nil
        try world.facts.add(facts)
        do {
            try fill(&facts, image)
            let done = facts
            try world.facts.change(id) { $0 = done }
            return facts
        } catch {
            undo()
            throw error
        }
    }

    private func undo() {
        try? world.networks.detach(id)
        try? world.containers.delete(id)
        try? File.removeTree("\(world.root)/containers/\(id)")
        world.facts.remove(id)
    }

    private func image() throws -> ImageRecord {
        let reference = desired.images[spec.image] ?? spec.image
        do throws(ImageError) {
            if let image = try world.images.resolve(reference) { return image }
            if let image = try world.images.resolve(spec.image) { return image }
        } catch {
            throw Failure(code: .runtime, what: "image \(spec.image)", cause: "\(error)")
        }
        throw Failure.imageMissing(spec.image, service: spec.name)
    }

    private func fill(_ facts: inout Facts, _ image: ImageRecord) throws {
        let attachment = try attach()
        let user = try user(image)
        let preparation = ContainerPreparation(
            root: world.root, id: id, owner: facts.volumeOwner, number: number, name: name, stack: desired.stack, service: spec, image: image.config,
            layers: world.images.layers(of: image), user: user, addedGroups: try groups(image), network: attachment.map(WiredNetwork.init),
            now: world.now(), newName: world.newID)
        let result = try preparation.record(volumes: world.volumes) { volume, path in
            try world.images.seed(volume: volume, from: path, in: image)
        }
        var record = result.record
        record.networkNamespace = try namespace(attachment)
        do throws(RuntimeError) { try world.containers.create(record) } catch { throw Failure(error, name) }
        facts.command = record.spec.process.args
        facts.publishers = attachment?.ports.flatMap(ContainerSummary.Publisher.all) ?? []
        facts.addresses = attachment?.addressTexts ?? [:]
    }

    private func attach() throws -> Attachment? {
        switch spec.networkMode {
        case .host, .service: return nil
        case .none, .networks:
            do throws(NetworkError) {
                return try world.networks.attach(AttachRequest(spec, number: number, name: name, id: id, stack: desired.stack))
            } catch {
                throw Failure(error, "container \(name)")
            }
        }
    }

    private func namespace(_ attachment: Attachment?) throws -> String? {
        switch spec.networkMode {
        case .host: return nil
        case .none, .networks: return attachment?.namespace
        case .service(let other):
            let first = world.facts.of(stack: desired.stack.name).first { $0.service == other && !$0.isRemoving }
            guard let first, let record = try? world.containers.record(first.id) else {
                throw Failure(code: .notFound, what: "container \(name)", cause: "service \"\(other)\", whose network it shares, has no container")
            }
            return record.networkNamespace
        }
    }

    private func groups(_ image: ImageRecord) throws -> [UInt32] {
        do throws(ImageError) { return try world.images.groups(spec.groupAdd, in: image) } catch {
            throw Failure(code: .invalid, what: "service \"\(spec.name)\": group_add", cause: "\(error)")
        }
    }

    private func user(_ image: ImageRecord) throws -> ResolvedUser {
        let text = spec.user ?? image.config.user ?? ""
        do throws(ImageError) {
            return try world.images.user(text, in: image, upper: nil)
        } catch {
            throw Failure(code: .invalid, what: "service \"\(spec.name)\": user \"\(text)\"", cause: "\(error)")
        }
    }
}

extension Failure {
    static func imageMissing(_ reference: String, service: String) -> Failure {
        Failure(
            code: .imageMissing, what: "service \"\(service)\": image \(reference) is not on this machine",
            hint: "load it with `gantry image load -i FILE`, or make it with `gantry image import ROOTFS.tar \(reference)`")
    }
}
