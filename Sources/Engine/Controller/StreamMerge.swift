import StackModel

/// Several verbs' streams as one, with one result.
enum StreamMerge {
    static func all(_ streams: [AsyncStream<StreamItem>]) -> AsyncStream<StreamItem> {
        AsyncStream { continuation in
            Task {
                let results = await withTaskGroup(of: VerbResult?.self) { group in
                    for stream in streams {
                        group.addTask {
                            var result: VerbResult?
                            for await item in stream {
                                if case .result(let end) = item { result = end } else { continuation.yield(item) }
                            }
                            return result
                        }
                    }
                    return await group.reduce(into: [VerbResult]()) { if let result = $1 { $0.append(result) } }
                }
                let whole = VerbResult(
                    ok: results.allSatisfy(\.ok), errors: results.flatMap(\.errors), notes: results.flatMap(\.notes))
                continuation.yield(.result(whole))
                continuation.finish()
            }
        }
    }
}
