import CLinux

/// A zero-terminated copy of bytes, for calls that want a C string.
func withCString<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    var copy = bytes
    copy.append(0)
    return copy.withUnsafeBufferPointer { buffer in
        buffer.withMemoryRebound(to: CChar.self) { text in
            if let base = text.baseAddress { return body(base) }
            var zero: CChar = 0
            return body(&zero)
        }
    }
}

func bytes(_ text: StaticString) -> [UInt8] {
    var out: [UInt8] = []
    text.withUTF8Buffer { for byte in $0 { out.append(byte) } }
    return out
}

/// The decimal digits of a number, padded with zeros to `width`.
func digits(_ value: Int64, width: Int = 1) -> [UInt8] {
    var reversed: [UInt8] = []
    var rest = value < 0 ? -value : value
    repeat {
        reversed.append(UInt8(48 + rest % 10))
        rest /= 10
    } while rest > 0
    while reversed.count < width { reversed.append(48) }
    if value < 0 { reversed.append(45) }
    return Array(reversed.reversed())
}

/// Writes all bytes; stops at the first error.
func writeAll(_ fd: Int32, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
        let count = bytes.withUnsafeBytes { gl_write(fd, $0.baseAddress.map { $0 + done }, bytes.count - done) }
        if count < 0 {
            if gl_errno() == 4 { continue }
            return false
        }
        done += count
    }
    return true
}

/// Reads to the end of a file from its start.
func readAll(_ fd: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = gl_read(fd, &buffer, buffer.count)
        if count <= 0 { return all }
        all.append(contentsOf: buffer[0..<count])
    }
}

/// Puts a small file into a folder in one step, so that a reader sees all of it or nothing.
func publish(_ folder: [UInt8], _ name: StaticString, _ content: [UInt8]) {
    let path = folder + bytes("/") + bytes(name)
    let temporary = path + bytes(".tmp")
    let flags = Int32(GL_O_WRONLY | GL_O_CREAT | GL_O_TRUNC | GL_O_CLOEXEC)
    let fd = withCString(temporary) { gl_open($0, flags, 0o600) }
    if fd < 0 { return }
    _ = writeAll(fd, content)
    _ = gl_close(fd)
    _ = withCString(temporary) { from in withCString(path) { gl_rename(from, $0) } }
}
