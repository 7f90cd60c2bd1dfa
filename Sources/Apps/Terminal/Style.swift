/// Colours of a terminal (ECMA-48), or none.
public struct Style: Sendable, Hashable {
    public var isColoured: Bool
    public init(isColoured: Bool) { self.isColoured = isColoured }

    public enum Colour: Int, Sendable, CaseIterable {
        case red = 31, green = 32, yellow = 33, blue = 34, magenta = 35, cyan = 36
    }

    public func paint(_ text: String, _ colour: Colour) -> String { isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text }
    public func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// Text from elsewhere without characters that steer a terminal.
    public static func safe(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || ($0.value >= 127 && $0.value < 160) ? "\u{FFFD}" : $0 }))
    }
}
