/// Columns as wide as their widest cell, three spaces between them: as docker prints lists.
public enum Table {
    public static func render(_ header: [String], _ rows: [[String]]) -> String {
        let all = [header] + rows.map { $0.map(Style.safe) }
        var widths = header.map(\.count)
        for row in all {
            for (index, cell) in row.enumerated() where index < widths.count { widths[index] = max(widths[index], cell.count) }
        }
        return all.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                line += cell
                if index < row.count - 1 { line += String(repeating: " ", count: widths[index] - cell.count + 3) }
            }
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
