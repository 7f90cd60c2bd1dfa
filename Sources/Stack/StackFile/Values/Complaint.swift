/// What is wrong with a value, before anyone knows where it stands.
struct Complaint: Error, Sendable, Hashable {
    /// Lower-case, without a full stop.
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
