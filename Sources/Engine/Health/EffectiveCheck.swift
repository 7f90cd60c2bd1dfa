import OCI
import StackModel

/// The health check that applies to a container: the service's, with the image's where it says nothing. Times in milliseconds.
struct EffectiveCheck: Sendable, Hashable {
    /// What is run in the container.
    var arguments: [String]
    var interval: Milliseconds
    var timeout: Milliseconds
    var retries: Int
    var startPeriod: Milliseconds
    var startInterval: Milliseconds

    /// Nil: no check. Defaults are Docker's.
    init?(service: Healthcheck?, image: ImageHealthcheck?) {
        guard let arguments = Self.arguments(service, image) else { return nil }
        self.arguments = arguments
        func time(_ own: Milliseconds?, _ nanoseconds: Int64?, _ standard: Milliseconds) -> Milliseconds {
            if let own, own.value > 0 { return own }
            if let nanoseconds, nanoseconds > 0 { return Milliseconds(max(1, Int(nanoseconds / 1_000_000))) }
            return standard
        }
        interval = time(service?.interval, image?.interval, 30_000)
        timeout = time(service?.timeout, image?.timeout, 30_000)
        startPeriod = time(service?.startPeriod, image?.startPeriod, 0)
        startInterval = time(service?.startInterval, image?.startInterval, 5_000)
        let given = service?.retries ?? image?.retries ?? 0
        retries = given > 0 ? given : 3
    }

    private static func arguments(_ service: Healthcheck?, _ image: ImageHealthcheck?) -> [String]? {
        switch service?.test {
        case .command(let words)?: return words.isEmpty ? nil : words
        case .shell(let line)?: return ["/bin/sh", "-c", line]
        case Healthcheck.Test.none?: return nil
        case .inherited?, nil: break
        }
        guard let test = image?.test, let kind = test.first else { return nil }
        switch kind {
        case "CMD": return test.count > 1 ? Array(test.dropFirst()) : nil
        case "CMD-SHELL": return test.count > 1 ? ["/bin/sh", "-c", test[1]] : nil
        default: return nil
        }
    }
}
