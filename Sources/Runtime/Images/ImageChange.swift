import FoundationEssentials
import OCI

extension ImageConfig {
    /// A line as in a Dockerfile, for `image import --change`.
    mutating func apply(_ line: String) throws(ImageError) {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let word = parts.first?.uppercased(), parts.count == 2 else {
            throw ImageError(.invalid, "change \"\(line)\"", hint: "write it as in a Dockerfile: CMD [\"nginx\"]")
        }
        let rest = parts[1]
        switch word {
        case "CMD": cmd = try Self.command(rest)
        case "ENTRYPOINT": entrypoint = try Self.command(rest)
        case "ENV": env = (env ?? []) + Self.pairs(rest)
        case "EXPOSE":
            for port in rest.split(separator: " ") { exposedPorts = exposedPorts ?? [:]; exposedPorts?[port.contains("/") ? String(port) : "\(port)/tcp"] = Empty() }
        case "LABEL":
            for pair in Self.pairs(rest) {
                let (name, value) = Self.split(pair)
                labels = labels ?? [:]
                labels?[name] = value
            }
        case "STOPSIGNAL": stopSignal = rest
        case "USER": user = rest
        case "VOLUME":
            let paths = rest.hasPrefix("[") ? try Self.command(rest) : rest.split(separator: " ").map(String.init)
            for path in paths { volumes = volumes ?? [:]; volumes?[path] = Empty() }
        case "WORKDIR": workingDir = rest
        default: throw ImageError(.unsupported, "change \"\(word)\"", hint: "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR can be given")
        }
    }

    /// A JSON list, or a line for the shell.
    private static func command(_ text: String) throws(ImageError) -> [String] {
        guard text.hasPrefix("[") else { return ["/bin/sh", "-c", text] }
        guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
            throw ImageError(.invalid, "\(text) is no list of words", hint: "write [\"nginx\", \"-g\", \"daemon off;\"]")
        }
        return list
    }

    /// `A=1 B="two words"`, or one pair without `=`.
    private static func pairs(_ text: String) -> [String] {
        guard text.contains("=") else { return [text.split(separator: " ", maxSplits: 1).joined(separator: "=")] }
        var pairs: [String] = []
        var current = ""
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { current.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == " " {
                if !current.isEmpty { pairs.append(current) }
                current = ""
            } else {
                current.append(character)
            }
        }
        return current.isEmpty ? pairs : pairs + [current]
    }

    private static func split(_ pair: String) -> (String, String) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
    }
}
