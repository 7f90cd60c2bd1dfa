/// A thread holds no runtime alive.
final class WeakReference: @unchecked Sendable {
    weak var target: NetworkRuntime?
    init(_ target: NetworkRuntime) { self.target = target }
}
