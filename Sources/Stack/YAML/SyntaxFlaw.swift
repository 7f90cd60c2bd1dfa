import CYAML

/// libyaml's verdict in a person's words, with the place a person has to look at.
func syntaxFlaw(_ parser: UnsafeMutablePointer<yaml_parser_t>, _ source: Source) -> Flaw {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
    let context = parser.pointee.context.map { String(cString: $0) } ?? ""
    if parser.pointee.error == YAML_READER_ERROR {
        let place = source.place(ofByte: parser.pointee.problem_offset)
        let isControl = problem.contains("control characters")
        return Flaw(
            isControl ? "a control character stands here" : "this is not UTF-8 text (\(problem))", at: place,
            hint: isControl ? "remove it, or write it as an escape in double quotes" : "save the file as UTF-8")
    }
    if parser.pointee.error == YAML_MEMORY_ERROR {
        return Flaw("out of memory", at: Place(source: source, line: 1, column: 1))
    }
    let place = Place(
        source: source, line: parser.pointee.problem_mark.line + 1, column: parser.pointee.problem_mark.column + 1)
    let start = Place(
        source: source, line: parser.pointee.context_mark.line + 1, column: parser.pointee.context_mark.column + 1)
    return phrase(problem, context: context, place: place, start: start, source: source)
}

private func phrase(_ problem: String, context: String, place: Place, start: Place, source: Source) -> Flaw {
    if let flaw = scanning(problem, context: context, place: place, start: start, source: source) { return flaw }
    switch problem {
    case "mapping values are not allowed in this context":
        return Flaw(
            "a \":\" cannot stand here", at: place,
            hint: "put a value that contains \": \" in quotes, or mend the indentation of this line")
    case "did not find expected key":
        return Flaw(
            "this line does not fit the block that starts in line \(start.line)", at: place,
            hint: "give all keys of a block the same indentation", related: start)
    case "did not find expected '-' indicator":
        return Flaw(
            "this line does not fit the list that starts in line \(start.line)", at: place,
            hint: "start each item of the list with \"- \" at the same indentation", related: start)
    case "block sequence entries are not allowed in this context":
        return Flaw(
            "a list item \"- \" cannot stand here", at: place, hint: "a list starts on a line of its own, below its key")
    case "did not find expected ',' or ']'":
        return Flaw(
            "the list that starts here is not closed: line \(place.line) goes on otherwise", at: start, hint: "add \",\" or \"]\"", related: place)
    case "did not find expected ',' or '}'":
        return Flaw(
            "the mapping that starts here is not closed: line \(place.line) goes on otherwise", at: start, hint: "add \",\" or \"}\"", related: place)
    case "did not find expected <document start>":
        return Flaw(
            "this does not belong to what stands above", at: place, hint: "a file is one mapping: start the line at the same indentation")
    case "did not find expected node content": return Flaw("a value is missing here", at: place)
    default: return Flaw(context.isEmpty ? problem : "\(problem) (\(context))", at: place)
    }
}

private func scanning(_ problem: String, context: String, place: Place, start: Place, source: Source) -> Flaw? {
    let character = source.line(place.line)?.dropFirst(place.column - 1).first
    switch problem {
    case "found character that cannot start any token":
        if character == "\t" {
            return Flaw("a tab cannot indent a line", at: place, hint: "use spaces")
        }
        return Flaw(
            "a value cannot start with \"\(character.map(String.init) ?? "?")\"", at: place, hint: "put the value in quotes")
    case "could not find expected ':'":
        return Flaw(
            "a key without \":\"", at: start, hint: "write \"key: value\"; a text of several lines starts with \"|\" after its key")
    case "found unexpected end of stream", "found unexpected document indicator":
        guard context.contains("quoted scalar") else { return nil }
        return Flaw("the quote that starts here is never closed", at: start, hint: "add the closing quote")
    case "found unknown escape character":
        return Flaw(
            "this escape is not known", at: place, hint: "write \"\\\\\" for a backslash, or use single quotes")
    case "found a tab character where an indentation space is expected", "found a tab character that violates indentation":
        return Flaw("a tab cannot indent a line", at: place, hint: "use spaces")
    default: return nil
    }
}
