import Glibc

extension File {
    /// At most `count` bytes from `offset` on, by pread(2); empty at the end of the file.
    public static func read(_ fd: Int32, at offset: Int64, count: Int, subject: String = "") throws(SyscallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try syscall("pread", subject) { bytes.withUnsafeMutableBytes { pread(fd, $0.baseAddress, count, off_t(offset)) } }
        bytes.removeLast(count - got)
        return bytes
    }
}

extension File {
    /// One read(2); empty at the end.
    public static func readSome(_ fd: Int32, count: Int, subject: String = "") throws(SyscallError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = try syscall("read", subject) { Glibc.read(fd, &buffer, count) }
        return Array(buffer[0..<got])
    }
}
