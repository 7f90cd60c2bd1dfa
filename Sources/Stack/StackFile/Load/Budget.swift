/// How much one load may grow beyond what its files hold. Files that include, extend and repeat each other, and variables made of
/// variables, can multiply without end; each of these counts here and ends in an error instead.
final class Budget {
    /// Stack files, counted each time they are loaded.
    private var files = 1000
    /// Bytes read from all files.
    private var bytes = 256 << 20
    /// Bytes of text made by replacing variables.
    private var text = 64 << 20
    /// Values that `extends` copies.
    private var copies = 500_000

    func takeFile() throws(Complaint) {
        files -= 1
        guard files >= 0 else { throw Complaint("files include each other more than 1000 times") }
    }

    func take(bytes count: Int) throws(Complaint) {
        bytes -= count
        guard bytes >= 0 else { throw Complaint("the files of this stack hold more than 256 MiB") }
    }

    func take(text count: Int) throws(Complaint) {
        text -= count
        guard text >= 0 else { throw Complaint("variables grow to more than 64 MiB of text") }
    }

    func take(copies count: Int) throws(Complaint) {
        copies -= count
        guard copies >= 0 else { throw Complaint("\"extends\" copies more than 500000 values") }
    }
}
