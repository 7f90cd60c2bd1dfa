import FoundationEssentials
import Linux
import StackModel

/// JSON files of the engine: written whole or not at all.
enum Disk {
    static func encode(_ value: some Encodable) throws(Failure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            throw Failure(code: .internal, what: "encode \(type(of: value))", hint: "report this with the stack file")
        }
        return Array(data)
    }

    /// - Parameter durable: survives a power cut; what only mirrors the kernel need not.
    static func write(_ value: some Encodable, _ path: String, durable: Bool = false) throws(Failure) {
        let bytes = try encode(value)
        try doing("write \(path)") { () throws(SyscallError) in
            try File.writeAtomically(path, bytes, mode: 0o600, durable: durable)
        }
    }

    static func read<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
        guard let bytes = try? File.readAll(path) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }

    static func doing<Value>(_ what: String, _ body: () throws(SyscallError) -> Value) throws(Failure) -> Value {
        do throws(SyscallError) {
            return try body()
        } catch {
            let hint = error.name == "ENOSPC" ? "free some space on this filesystem" : nil
            throw Failure(code: .runtime, what: what, cause: error.description, hint: hint)
        }
    }
}
