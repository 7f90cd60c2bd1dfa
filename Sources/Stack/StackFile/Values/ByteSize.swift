/// Sizes in bytes: `b k kb kib m mb mib g gb gib t tb tib`, each 1024 times the one before, with or without a fraction.
enum ByteSize {
    static func parse(_ text: String) throws(Complaint) -> Int {
        let complaint = Complaint("\"\(text)\" is not a size", hint: "write a number and a unit, such as \"512m\" or \"1.5g\"")
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard !digits.isEmpty, let shift = shifts[unit] else { throw complaint }
        if let whole = Int(digits) {
            let (bytes, overflow) = whole.multipliedReportingOverflow(by: 1 << shift)
            guard !overflow else { throw Complaint("\"\(text)\" is larger than any memory") }
            return bytes
        }
        guard let number = Double(digits) else { throw complaint }
        let bytes = number * Double(1 << shift)
        guard bytes < 9.0e18 else { throw Complaint("\"\(text)\" is larger than any memory") }
        return Int(bytes)
    }

    private static let shifts: [String: Int] = [
        "": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30, "t": 40, "tb": 40,
        "tib": 40, "p": 50, "pb": 50, "pib": 50,
    ]
}
