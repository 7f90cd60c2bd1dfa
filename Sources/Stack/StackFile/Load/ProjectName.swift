/// Rules of the Compose Specification for names of projects.
enum ProjectName {
    /// What is wrong with a name that someone chose; `nil`: nothing.
    static func complaint(_ name: String) -> Complaint? {
        guard !name.isEmpty else { return Complaint("the stack's name is empty", hint: "give one with -p") }
        guard normalised(name) == name else {
            let better = normalised(name)
            return Complaint(
                "\"\(name)\" is not a name for a stack: lower-case letters, digits, \"-\" and \"_\" only, a letter or digit first",
                hint: better.isEmpty ? nil : "\"\(better)\" would do")
        }
        return nil
    }

    /// The name a folder gives: lower-case, without what a name cannot hold.
    static func normalised(_ text: String) -> String {
        let kept = text.lowercased().unicodeScalars.filter { scalar in
            (0x61...0x7A).contains(scalar.value) || (0x30...0x39).contains(scalar.value) || scalar == "-" || scalar == "_"
        }
        return String(String.UnicodeScalarView(kept.drop { $0 == "-" || $0 == "_" }))
    }
}
