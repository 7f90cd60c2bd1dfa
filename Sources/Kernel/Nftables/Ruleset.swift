import CNftables
import Linux
import Synchronization

/// What nft refused, in its own words.
public struct RulesetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kernel's or the parser's sentence.
    public var sentence: String
    public init(_ sentence: String) { self.sentence = sentence }
    public var description: String { "nftables: \(sentence)" }
    /// The thing named does not exist.
    public var isMissing: Bool { sentence.contains("No such file or directory") }
}

/// nftables through libnftables (libnftables(3)): each text is one transaction, all of it or nothing. Works on the network
/// namespace of the thread that makes it. Safe from many threads, one after the other.
public final class Ruleset: Sendable {
    private let context: Mutex<Context>

    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    public init() throws(RulesetError) {
        guard let pointer = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else { throw RulesetError("no context could be made") }
        nft_ctx_buffer_output(pointer)
        nft_ctx_buffer_error(pointer)
        context = Mutex(Context(pointer: pointer))
    }

    deinit { context.withLock { nft_ctx_free($0.pointer) } }

    /// Carries out commands in nft(8)'s language.
    @discardableResult
    public func run(_ commands: String) throws(RulesetError) -> String {
        try context.withLock { context throws(RulesetError) in
            nft_ctx_output_set_flags(context.pointer, 0)
            return try Self.run(context.pointer, commands)
        }
    }

    /// Runs a `list` command with its output in JSON.
    public func json(_ command: String) throws(RulesetError) -> String {
        try context.withLock { context throws(RulesetError) in
            nft_ctx_output_set_flags(context.pointer, UInt32(NFT_CTX_OUTPUT_JSON))
            return try Self.run(context.pointer, command)
        }
    }

    private static func run(_ context: OpaquePointer, _ commands: String) throws(RulesetError) -> String {
        let status = nft_run_cmd_from_buffer(context, commands)
        let output = nft_ctx_get_output_buffer(context).map { String(cString: $0) } ?? ""
        let errors = nft_ctx_get_error_buffer(context).map { String(cString: $0) } ?? ""
        guard status == 0 else {
            let sentence = errors.split(separator: "\n").prefix(2).joined(separator: "; ")
            throw RulesetError(sentence.isEmpty ? "failed without a word" : sentence)
        }
        return output
    }
}
