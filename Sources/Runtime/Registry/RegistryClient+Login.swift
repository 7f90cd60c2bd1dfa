import FoundationEssentials
import OCI

/// Answering what a registry asks for.
extension RegistryClient {
    func answer(_ challenge: Challenge, _ what: String) throws(RegistryError) {
        let basic = credentials.map { "Basic \(Base64.encode(Array("\($0.user):\($0.secret)".utf8)))" }
        if challenge.scheme == .basic {
            guard let basic else { throw denied(what) }
            authorization.withLock { $0 = basic }
            return
        }
        guard let realm = challenge.values["realm"].flatMap({ URLParts($0) }), let origin = URLParts(base) else { throw denied(what) }
        // Credentials never go where others can read them, unless the registry itself is spoken to so.
        guard realm.scheme == "https" || origin.scheme == "http" else {
            throw RegistryError(.denied, "get \(what)", cause: "the registry wants credentials sent in the clear")
        }
        var query = "scope=\(Self.escape(challenge.values["scope"] ?? "repository:\(reference.path):pull"))"
        if let service = challenge.values["service"] { query += "&service=\(Self.escape(service))" }
        let document = Document(limit: 1 << 20)
        let url = realm.text + (realm.rest.contains("?") ? "&" : "?") + query
        try fetchToken(url, basic, what, into: document)
        struct Token: Decodable { var token, access_token: String? }
        guard let token = try? JSONDecoder().decode(Token.self, from: Data(document.bytes)), let text = token.token ?? token.access_token else {
            throw RegistryError(.denied, "get \(what)", cause: "the registry's token service gave no token")
        }
        authorization.withLock { $0 = "Bearer \(text)" }
    }

    private func fetchToken(_ url: String, _ basic: String?, _ what: String, into document: Document) throws(RegistryError) {
        for pause in pauses + [0] {
            let answer: Answer
            document.reset()
            do throws(Exchange.Failure) { answer = try perform(Request(url: url, headers: basic.map { ["Authorization: \($0)"] } ?? []), document) } catch {
                if case .cancelled = error { throw RegistryError(.cancelled, "get \(what)") }
                try wait(pause)
                continue
            }
            if answer.head.status == 200 { return }
            if answer.head.status < 500 && answer.head.status != 429 { throw denied(what, Self.message(answer.text)) }
            try wait(pause)
        }
        throw RegistryError(.unreachable, "get \(what)", cause: "the registry's token service does not answer")
    }

    private static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95, 126, 58, 47, 44].contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

extension RegistryClient {
    /// Whether the registry accepts the credentials (`GET /v2/`).
    public func check() throws(RegistryError) {
        let root = String(base.dropLast(reference.path.utf8.count))
        try fetch(root, "the registry \(reference.domain)", headers: [], into: Document(limit: 1 << 20))
    }
}
