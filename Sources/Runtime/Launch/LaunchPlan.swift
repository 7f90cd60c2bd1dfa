/// Everything a shim needs to run one process: travels as bytes in a sealed memfd.
public struct LaunchPlan: Equatable, Sendable {
    public typealias Bytes = [UInt8]

    /// CLONE_NEW* flags of the first clone.
    public var cloneFlags: UInt64
    public var steps: [LaunchStep]
    /// Where logs go; empty: nowhere.
    public var logPath: Bytes
    /// A log file is rotated when it grows beyond this; at most `logFiles` files are kept.
    public var logMaxBytes: UInt64
    public var logFiles: UInt32
    /// The folder for `shim.sock`, `status` and `exit`.
    public var runFolder: Bytes

    public init(
        cloneFlags: UInt64 = 0, steps: [LaunchStep] = [], logPath: Bytes = [], logMaxBytes: UInt64 = 0, logFiles: UInt32 = 1,
        runFolder: Bytes = []
    ) {
        self.cloneFlags = cloneFlags
        self.steps = steps
        self.logPath = logPath
        self.logMaxBytes = logMaxBytes
        self.logFiles = logFiles
        self.runFolder = runFolder
    }
}

/// The step that failed and why. `step` counts from 0; `beforeSteps` marks the clone itself.
public struct LaunchFailure: Error, Equatable, Sendable {
    public static let beforeSteps: UInt32 = 0xffff_ffff

    public var step: UInt32
    public var errno: Int32

    public init(step: UInt32, errno: Int32) {
        self.step = step
        self.errno = errno
    }
}
