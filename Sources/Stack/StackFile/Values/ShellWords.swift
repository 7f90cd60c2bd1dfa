/// Splits a command the way a shell splits words: quotes and backslashes, but no variables, globs or operators.
enum ShellWords {
    static func split(_ text: String) throws(Complaint) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var escaped = false
        for character in text {
            if escaped {
                // In double quotes a backslash only escapes what the quotes would otherwise treat.
                if quote == "\"", character != "\"", character != "\\", character != "$", character != "`" {
                    word = (word ?? "") + "\\"
                }
                word = (word ?? "") + String(character)
                escaped = false
            } else if character == "\\", quote != "'" {
                escaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" || character == "\n" || character == "\r\n" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let quote { throw Complaint("the quote \(quote) in the command is never closed", hint: "close it, or write the command as a list") }
        if escaped { word = (word ?? "") + "\\" }
        if let word { words.append(word) }
        return words
    }
}
