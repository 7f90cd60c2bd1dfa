import FoundationEssentials
import Images
import Linux
import OCI
import Registry
import StackModel
import Synchronization

/// Fetches images for a verb and tells how it goes on.
struct Pulls: Sendable {
    let store: ImageStore
    let root: String
    let now: @Sendable () -> Timestamp

    /// - Returns: what could not be fetched.
    func run(_ images: [String], logins: [String: RegistryLogin], tell: @escaping @Sendable (Progress) -> Void) async -> [Failure] {
        let cancellation = Cancellation()
        return await withTaskCancellationHandler {
            await withTaskGroup(of: Failure?.self) { group in
                for image in Set(images).sorted() { group.addTask { await pull(image, logins, cancellation, tell) } }
                return await group.reduce(into: [Failure]()) { if let failure = $1 { $0.append(failure) } }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    private func pull(_ image: String, _ logins: [String: RegistryLogin], _ cancellation: Cancellation, _ tell: @escaping @Sendable (Progress) -> Void) async -> Failure? {
        let say = { @Sendable (phase: Progress.Phase, status: String, detail: String?) in
            tell(Progress(kind: .image, name: image, phase: phase, status: status, detail: detail, at: now()))
        }
        say(.working, "Pulling", nil)
        let result: Result<ImageRecord, Failure> = await withCheckedContinuation { continuation in
            // A thread of its own: a download may take minutes, and the pool's threads are few.
            let work: @Sendable () -> Void = { continuation.resume(returning: block(image, logins, cancellation, tell)) }
            do throws(SyscallError) { try NamedThread.start("gantry-pull", work) } catch { work() }
        }
        switch result {
        case .success:
            say(.done, "Pulled", nil)
            return nil
        case .failure(let failure):
            say(.failed, "Error", failure.description)
            return failure
        }
    }

    private func block(
        _ image: String, _ logins: [String: RegistryLogin], _ cancellation: Cancellation, _ tell: @escaping @Sendable (Progress) -> Void
    ) -> Result<ImageRecord, Failure> {
        let domain = Reference(image)?.domain ?? ""
        let login = logins[domain].map { Credentials(user: $0.user, secret: $0.secret) }
        // Each image is called off by itself when a layer of it fails, and all of them when the user leaves.
        let own = Cancellation(parent: cancellation)
        let said = Mutex<[String: Int64]>([:])
        do throws(ImageError) {
            return .success(
                try store.pull(image, settings: try settings(), credentials: login, cancellation: own) { progress in
                    if let line = line(progress, said) { tell(line) }
                })
        } catch {
            return .failure(Failure(code: error.code == .notFound ? .notFound : .runtime, what: error.what, hint: error.hint))
        }
    }

    /// A line of a layer; of a download at most ten a second.
    private func line(_ progress: PullProgress, _ said: borrowing Mutex<[String: Int64]>) -> Progress? {
        var (phase, status, detail) = (Progress.Phase.working, "", String?.none)
        switch progress.state {
        case .exists: (phase, status) = (.done, "Already exists")
        case .downloading(let done, let total):
            let now = Clock.monotonicNanoseconds
            let isDue = said.withLock { said in
                if done > 0, done < total, now - said[progress.layer, default: 0] < 100_000_000 { return false }
                said[progress.layer] = now
                return true
            }
            guard isDue else { return nil }
            (status, detail) = ("Downloading", "\(done)/\(total)")
        case .unpacking: status = "Extracting"
        case .done: (phase, status) = (.done, "Pull complete")
        }
        return Progress(kind: .image, name: progress.layer, phase: phase, status: status, detail: detail, at: now())
    }

    func settings() throws(ImageError) -> RegistrySettings {
        let path = "\(root)/registries.json"
        guard let bytes = try? File.readAll(path) else { return RegistrySettings() }
        do { return try JSONDecoder().decode(RegistrySettings.self, from: Data(bytes)) } catch {
            throw ImageError(.invalid, "\(path) cannot be read: \(error)", hint: "it is a JSON object with insecure, authorities and mirrors")
        }
    }
}
