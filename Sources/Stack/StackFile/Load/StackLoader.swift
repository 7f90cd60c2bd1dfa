import StackModel

/// Turns stack files into a `Stack`: finds them, reads, interpolates, includes, extends, merges, checks and resolves them.
public struct StackLoader: Sendable {
    public var files: any FileAccess

    public init(files: any FileAccess = DiskFiles()) { self.files = files }

    /// Loads the stack that a command line names.
    ///
    /// Throws every problem of the files at once, each with its place; nothing is changed by loading.
    public func load(_ request: LoadRequest) throws(LoadFailure) -> LoadedStack {
        throw LoadFailure([Diagnostic(.error, "stack files cannot be loaded yet")])
    }
}
