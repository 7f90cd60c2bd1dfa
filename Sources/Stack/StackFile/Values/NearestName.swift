/// The name someone probably meant.
enum NearestName {
    /// The candidate with the fewest single-character edits (swaps count as one), if it is near enough to be a slip.
    static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let wanted = Array(name.utf8)
        let limit = max(1, wanted.count / 3)
        var best: (distance: Int, name: String)?
        let folded = fold(name)
        for candidate in candidates where abs(candidate.utf8.count - wanted.count) <= limit + 2 {
            let distance = fold(candidate) == folded ? 0 : edits(wanted, Array(candidate.utf8))
            guard distance <= limit else { continue }
            if let best, (best.distance, best.name) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.name
    }

    /// Without case, dashes and underscores: `dependsOn` is `depends_on`.
    private static func fold(_ name: String) -> [UInt8] {
        name.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"): return nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): return byte | 0x20
            default: return byte
            }
        }
    }

    /// Optimal string alignment distance.
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other { cost = min(cost, before[column - 1] + 1) }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous.last ?? 0
    }
}
