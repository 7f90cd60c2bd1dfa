import FoundationEssentials
import Linux
import OCI
import Synchronization

/// Speaks the OCI distribution specification 1.1 (and Docker's registry API v2) with the registry of one image. Blocks its threads.
public final class RegistryClient: Sendable {
    let reference: Reference
    let base: String
    let credentials: Credentials?
    let exchange: Exchange
    let authorization = Mutex<String?>(nil)
    /// Waits between tries, in milliseconds; tests shorten them.
    let pauses: [Int32]

    public init(
        _ reference: Reference, settings: RegistrySettings = RegistrySettings(), credentials: Credentials? = nil,
        cancellation: Cancellation = Cancellation(), pauses: [Int32] = [500, 1000, 2000, 4000, 8000]
    ) {
        self.reference = reference
        self.credentials = credentials
        self.pauses = pauses
        base = "\(settings.base(of: reference.domain))/v2/\(reference.path)"
        exchange = Exchange(authorities: settings.authorities, cancellation: cancellation)
    }

    private static let manifestTypes = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]

    /// The manifest for a platform, its own bytes checked where a digest names them.
    public func manifest(for platform: Platform) throws(RegistryError) -> ImageManifest {
        var name = reference.digest?.description ?? reference.tagged.tag ?? "latest"
        for _ in 0..<4 {
            let bytes = try manifestBytes(name)
            if let digest = Digest(name), SHA256.digest(of: bytes) != digest {
                throw RegistryError(.mismatch, "manifest \(name) of \(reference)", cause: "its content is not what its digest says", hint: "the registry or something before it is damaged")
            }
            if let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(bytes)) { return manifest }
            guard let index = try? JSONDecoder().decode(ImageIndex.self, from: Data(bytes)) else {
                throw RegistryError(.invalid, "the manifest of \(reference)", cause: "it is of a kind that is not served", hint: "push the image again with a current tool")
            }
            guard let fit = index.manifests.first(where: { $0.platform?.runs(on: platform) ?? false }) else {
                let there = index.manifests.compactMap(\.platform).map { "\($0.os)/\($0.architecture)" }.joined(separator: ", ")
                throw RegistryError(.unsupported, "\(reference) has no image for \(platform.os)/\(platform.architecture)", cause: "it has: \(there)")
            }
            name = fit.digest.description
        }
        throw RegistryError(.invalid, "the manifest of \(reference)", cause: "its indexes are nested too deeply")
    }

    private func manifestBytes(_ name: String) throws(RegistryError) -> [UInt8] {
        let document = Document(limit: 4 << 20)
        try fetch("\(base)/manifests/\(name)", "manifest of \(reference)", headers: ["Accept: \(Self.manifestTypes.joined(separator: ", "))"], into: document)
        return document.bytes
    }

    /// A small blob in memory, checked against its digest.
    public func document(_ descriptor: Descriptor) throws(RegistryError) -> [UInt8] {
        let document = Document(limit: 16 << 20)
        try fetch("\(base)/blobs/\(descriptor.digest)", "blob \(descriptor.digest) of \(reference)", headers: [], into: document)
        guard SHA256.digest(of: document.bytes) == descriptor.digest else { throw mismatch(descriptor) }
        return document.bytes
    }

    /// A blob into an empty file, checked against its digest and size.
    public func blob(_ descriptor: Descriptor, into fd: Int32, progress: @escaping (Int64) -> Void = { _ in }) throws(RegistryError) {
        // A body that is whole and wrong may be a cache's fault: it is asked for once more.
        for isLast in [false, true] {
            let file = BlobFile(fd: fd, size: Int64(descriptor.size), progress: progress)
            do throws(RegistryError) {
                try fetch("\(base)/blobs/\(descriptor.digest)", "layer \(descriptor.digest) of \(reference)", headers: [], into: file)
            } catch {
                if let failure = file.failure { throw RegistryError(.invalid, "write layer \(descriptor.digest)", cause: failure.description, hint: "free some space on this filesystem") }
                throw error
            }
            if file.isWhole, file.finish() == descriptor.digest { return }
            if isLast { throw mismatch(descriptor) }
        }
    }

    private func mismatch(_ descriptor: Descriptor) -> RegistryError {
        RegistryError(
            .mismatch, "blob \(descriptor.digest) of \(reference)", cause: "its content is not what its digest and size say",
            hint: "the registry or something before it is damaged")
    }

    // MARK: requests

    /// Gets a body whole: through redirects, challenges, limits and broken connections.
    func fetch(_ url: String, _ what: String, headers: [String], into sink: some Sink) throws(RegistryError) {
        var tries = 0
        var challenges = 0
        while true {
            let outcome = try attempt(url, what, headers, sink)
            switch outcome {
            case .done: return
            case .challenge(let challenge):
                challenges += 1
                guard challenges <= 2 else { throw denied(what) }
                try answer(challenge, what)
            case .nobody(let why):
                guard tries < min(1, pauses.count) else {
                    throw RegistryError(.unreachable, "get \(what)", cause: why, hint: "look at the name, the network and the proxy; \(base) was asked")
                }
                try wait(pauses[tries])
                tries += 1
            case .again(let why, let pause):
                guard tries < pauses.count else {
                    throw RegistryError(.unreachable, "get \(what)", cause: "\(why), \(tries + 1) times", hint: "try again later, or look whether \(base) can be reached")
                }
                try wait(max(pauses[tries], min(pause ?? 0, 60_000)))
                tries += 1
            }
        }
    }

    private enum Outcome {
        case done
        case challenge(Challenge)
        /// With the milliseconds that the server asks to wait.
        case again(String, Int32?)
        /// Tried once more only.
        case nobody(String)
    }

    private func attempt(_ url: String, _ what: String, _ headers: [String], _ sink: some Sink) throws(RegistryError) -> Outcome {
        guard let origin = URLParts(url) else { throw RegistryError(.invalid, "get \(what)", cause: "\"\(url)\" is no address") }
        var place = origin
        for _ in 0..<6 {
            var all = headers
            // Credentials stay with the registry: a storage it redirects to gets none (CVE-2020-15157).
            if place.isSameOrigin(as: origin), let authorization = authorization.withLock({ $0 }) { all.append("Authorization: \(authorization)") }
            if sink.offset > 0 { all.append("Range: bytes=\(sink.offset)-") }
            let answer: Answer
            do throws(Exchange.Failure) { answer = try perform(Request(url: place.text, headers: all), sink) } catch {
                switch error {
                case .cancelled: throw RegistryError(.cancelled, "get \(what)", cause: "it was called off")
                case .refused: throw RegistryError(.mismatch, "get \(what)", cause: "it is more than it says to be")
                case .broken(let why): return .again(why, nil)
                case .unreachable(let why): return .nobody(why)
                }
            }
            guard [301, 302, 303, 307, 308].contains(answer.head.status) else { return try judge(answer, what) }
            guard let next = answer.head.headers["location"].flatMap(place.resolve), !(place.scheme == "https" && next.scheme == "http") else {
                throw RegistryError(.invalid, "get \(what)", cause: "the registry leads to an address that is not followed")
            }
            place = next
        }
        throw RegistryError(.invalid, "get \(what)", cause: "the registry leads in circles")
    }

    struct Answer {
        var head: ResponseHead
        /// The beginning of a body that tells of an error.
        var text: [UInt8]
    }

    func perform(_ request: Request, _ sink: some Sink) throws(Exchange.Failure) -> Answer {
        var text: [UInt8] = []
        var isContent = false
        let head = try exchange.perform(request) { head in
            isContent = head.status == 200 || head.status == 206
            if head.status == 200, sink.offset > 0 { sink.reset() }
            return true
        } receive: { bytes in
            if isContent { return sink.take(bytes) }
            if text.count < 65536 { text += bytes.prefix(65536 - text.count) }
            return true
        }
        return Answer(head: head, text: text)
    }

    private func judge(_ answer: Answer, _ what: String) throws(RegistryError) -> Outcome {
        let said = Self.message(answer.text)
        switch answer.head.status {
        case 200, 206: return .done
        case 401:
            guard let challenge = answer.head.headers["www-authenticate"].flatMap({ Challenge($0) }) else { throw denied(what) }
            return .challenge(challenge)
        case 403: throw denied(what, said)
        case 404:
            throw RegistryError(.notFound, "get \(what)", cause: said ?? "the registry does not have it", hint: "look at the name and the tag, or `gantry login` if it is private")
        case 408, 429, 500, 502, 503, 504:
            let seconds = answer.head.headers["retry-after"].flatMap { Int32($0) }
            return .again("the registry answered \(answer.head.status)" + (said.map { " (\($0))" } ?? ""), seconds.map { $0 &* 1000 })
        case 416: return .again("the registry does not go on where it stopped", nil)
        default: throw RegistryError(.invalid, "get \(what)", cause: "the registry answered \(answer.head.status)" + (said.map { ": \($0)" } ?? ""))
        }
    }

    func denied(_ what: String, _ said: String? = nil) -> RegistryError {
        RegistryError(
            .denied, "get \(what)", cause: said ?? "the registry wants other credentials",
            hint: credentials == nil ? "run `gantry login \(reference.domain)`, or look at the name" : "the credentials for \(reference.domain) are not accepted: run `gantry login` again")
    }

    /// `{"errors": [{"code": …, "message": …}]}`
    static func message(_ text: [UInt8]) -> String? {
        struct Body: Decodable {
            struct Entry: Decodable { var message: String? }
            var errors: [Entry]
        }
        let body = try? JSONDecoder().decode(Body.self, from: Data(text))
        return body?.errors.compactMap(\.message).first.map { String($0.prefix(200)) }
    }

    func wait(_ milliseconds: Int32) throws(RegistryError) {
        let end = Clock.monotonicNanoseconds + Int64(milliseconds) * 1_000_000
        while Clock.monotonicNanoseconds < end {
            if exchange.cancellation.isCancelled { throw RegistryError(.cancelled, "wait for the registry") }
            Clock.sleep(milliseconds: 20)
        }
    }
}
