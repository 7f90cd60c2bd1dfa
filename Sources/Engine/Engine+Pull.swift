import Images
import OCI
import Registry
import StackModel

extension Engine {
    /// Fetches images from their registries. When its reader goes away the download is called off.
    public func pull(_ request: PullRequest) -> AsyncStream<StreamItem> {
        guard let imageStore else { return Self.failed([Failure(code: .unsupported, what: "images", cause: "this engine has no image store")]) }
        let pulls = Pulls(store: imageStore, root: configuration.root, now: world.now)
        return AsyncStream { continuation in
            let task = Task {
                let failures = await pulls.run(request.images, logins: request.logins) { continuation.yield(.progress($0)) }
                continuation.yield(.result(VerbResult(ok: failures.isEmpty, errors: failures)))
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Whether a registry accepts a login.
    public func checkLogin(_ check: LoginCheck) async throws {
        guard let imageStore else { return }
        let pulls = Pulls(store: imageStore, root: configuration.root, now: world.now)
        try await world.pool.run {
            do throws(ImageError) {
                try imageStore.check(
                    domain: check.domain, settings: try pulls.settings(), credentials: Credentials(user: check.login.user, secret: check.login.secret))
            } catch {
                throw Failure(code: .denied, what: error.what, hint: error.hint)
            }
        }
    }

    /// What `up` needs and this machine lacks, by each service's `pull_policy`.
    /// - Returns: what could not be had.
    func fetch(_ request: UpRequest, _ services: Set<String>, _ tell: @escaping @Sendable (Progress) -> Void) async -> [Failure] {
        guard let imageStore else { return [] }
        var wanted: [String] = []
        for service in request.stack.services.values.sorted(by: { $0.name < $1.name }) where services.contains(service.name) {
            switch service.pullPolicy {
            case "never"?: continue
            case "always"?: wanted.append(service.image)
            default:
                let world = world
                let isThere = await world.pool.run { ((try? world.images.resolve(service.image)) ?? nil) != nil }
                if !isThere { wanted.append(service.image) }
            }
        }
        if wanted.isEmpty { return [] }
        let pulls = Pulls(store: imageStore, root: configuration.root, now: world.now)
        return await pulls.run(wanted, logins: request.logins, tell: tell).map { failure in
            Failure(
                code: .imageMissing, what: failure.what, cause: failure.cause,
                hint: failure.hint.map { "\($0); an image from a file is read with `gantry image load -i FILE`" })
        }
    }
}
