import Glibc

/// A question to a person. Without a terminal nobody can answer, and the answer is no.
enum Question {
    static func ask(_ text: String) -> Bool {
        guard isatty(0) == 1 else {
            Output.error("\(text)\nnobody is there to answer: use --force\n")
            return false
        }
        Output.error(text)
        return ["y", "yes"].contains((readLine() ?? "").lowercased())
    }
}
