import CArchive
import Glibc
import Linux

/// A stream of an archive's entries, read by libarchive; nothing is ever written by it.
final class Archive {
    private let handle: OpaquePointer
    private let locale: locale_t?
    private let source: Source?

    /// What the bytes are read from.
    protocol Source: AnyObject {
        /// The next bytes, valid until the next call; empty at the end.
        func next() throws(ImageError) -> UnsafeRawBufferPointer
    }

    /// Reads a descriptor, whatever it is compressed with.
    /// - Parameter raw: not as an archive: one entry with the uncompressed bytes.
    init(fd: Int32, raw: Bool = false) throws(ImageError) {
        handle = try Self.make(raw: raw)
        source = nil
        locale = newlocale(Int32(1 << LC_CTYPE), "C.UTF-8", nil)
        try check(archive_read_open_fd(handle, fd, 1 << 16), "open the archive")
    }

    /// Reads a tar that is not compressed from a source of ours.
    init(_ source: any Source) throws(ImageError) {
        handle = try Self.make(raw: false)
        let box = SourceBox(source)
        self.source = box
        locale = newlocale(Int32(1 << LC_CTYPE), "C.UTF-8", nil)
        let status = archive_read_open(
            handle, Unmanaged.passUnretained(box).toOpaque(), nil,
            { _, context, out in
                guard let context else { return -1 }
                return Unmanaged<SourceBox>.fromOpaque(context).takeUnretainedValue().read(out)
            }, nil)
        if let failure = box.failure { throw failure }
        try check(status, "open the layer")
    }

    deinit {
        archive_read_free(handle)
        if let locale { freelocale(locale) }
    }

    private static func make(raw: Bool) throws(ImageError) -> OpaquePointer {
        guard let handle = archive_read_new() else { throw ImageError(.system, "no memory to read an archive") }
        archive_read_support_filter_all(handle)
        if raw {
            archive_read_support_format_raw(handle)
            archive_read_support_format_empty(handle)
        } else {
            archive_read_support_format_tar(handle)
            archive_read_support_format_empty(handle)
        }
        return handle
    }

    /// Names in PAX headers are UTF-8; libarchive reads them so only in such a locale, which is set for this thread alone.
    private func inLocale<Value>(_ body: () -> Value) -> Value {
        guard let locale else { return body() }
        let before = uselocale(locale)
        defer { uselocale(before) }
        return body()
    }

    /// The next entry; nil at the end. It is valid until the next call.
    func next() throws(ImageError) -> ArchiveEntry? {
        var entry: OpaquePointer?
        let status = inLocale { archive_read_next_header(handle, &entry) }
        if let failure = (source as? SourceBox)?.failure { throw failure }
        if status == ARCHIVE_EOF { return nil }
        try check(status, "read the archive")
        guard let entry else { return nil }
        guard let name = inLocale({ ArchiveEntry.text(archive_entry_pathname_utf8(entry)) ?? ArchiveEntry.text(archive_entry_pathname(entry)) })
        else { throw ImageError(.invalid, "the archive has an entry whose name cannot be read") }
        let link = inLocale { ArchiveEntry.text(archive_entry_hardlink(entry)) }
        let target = inLocale { ArchiveEntry.text(archive_entry_symlink(entry)) }
        return ArchiveEntry(entry, name: name, hardLink: link, symbolicLink: target)
    }

    /// The entry's content: pieces with their offsets, holes left out.
    func content(_ body: (UnsafeRawBufferPointer, Int64) throws(ImageError) -> Void) throws(ImageError) {
        while true {
            var bytes: UnsafeRawPointer?
            var count = 0
            var offset: la_int64_t = 0
            let status = archive_read_data_block(handle, &bytes, &count, &offset)
            if let failure = (source as? SourceBox)?.failure { throw failure }
            if status == ARCHIVE_EOF { return }
            try check(status, "read the archive")
            try body(UnsafeRawBufferPointer(start: bytes, count: count), offset)
        }
    }

    /// The next piece of the entry's content; empty at its end.
    func block() throws(ImageError) -> UnsafeRawBufferPointer {
        var bytes: UnsafeRawPointer?
        var count = 0
        var offset: la_int64_t = 0
        while true {
            let status = archive_read_data_block(handle, &bytes, &count, &offset)
            if status == ARCHIVE_EOF { return UnsafeRawBufferPointer(start: nil, count: 0) }
            try check(status, "read the archive")
            if count > 0 { return UnsafeRawBufferPointer(start: bytes, count: count) }
        }
    }

    private func check(_ status: Int32, _ what: String) throws(ImageError) {
        if status >= ARCHIVE_WARN { return }
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "error \(status)"
        throw ImageError(.invalid, "\(what): \(text)", hint: "the file may be cut short or damaged: make or fetch it again")
    }
}

/// Keeps a source's failure until libarchive has come back from its callback.
private final class SourceBox: Archive.Source {
    private let source: any Archive.Source
    private(set) var failure: ImageError?
    init(_ source: any Archive.Source) { self.source = source }

    func next() throws(ImageError) -> UnsafeRawBufferPointer { try source.next() }

    func read(_ out: UnsafeMutablePointer<UnsafeRawPointer?>?) -> la_ssize_t {
        do throws(ImageError) {
            let bytes = try source.next()
            out?.pointee = bytes.baseAddress
            return bytes.count
        } catch {
            failure = error
            return -1
        }
    }
}

/// What an archive says of one file.
struct ArchiveEntry {
    private let entry: OpaquePointer
    let name: String
    let hardLink: String?
    let symbolicLink: String?

    init(_ entry: OpaquePointer, name: String, hardLink: String?, symbolicLink: String?) {
        self.entry = entry
        self.name = name
        self.hardLink = hardLink
        self.symbolicLink = symbolicLink
    }

    static func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }

    enum Kind { case file, folder, symbolicLink, characterDevice, blockDevice, fifo, other }
    var kind: Kind {
        // The S_IF numbers of inode(7).
        switch UInt32(archive_entry_filetype(entry)) {
        case 0o100000: .file
        case 0o040000: .folder
        case 0o120000: .symbolicLink
        case 0o020000: .characterDevice
        case 0o060000: .blockDevice
        case 0o010000: .fifo
        default: .other
        }
    }
    /// Permission bits with setuid, setgid and sticky.
    var mode: UInt32 { UInt32(archive_entry_perm(entry)) & 0o7777 }
    var uid: Int64 { archive_entry_uid(entry) }
    var gid: Int64 { archive_entry_gid(entry) }
    var size: Int64 { archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0 }
    var seconds: Int64 { Int64(archive_entry_mtime(entry)) }
    var nanoseconds: Int64 { Int64(archive_entry_mtime_nsec(entry)) }
    var major: UInt32 { UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)) }
    var minor: UInt32 { UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry)) }

    var attributes: [(name: String, value: [UInt8])] {
        var found: [(String, [UInt8])] = []
        archive_entry_xattr_reset(entry)
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while archive_entry_xattr_next(entry, &name, &value, &count) == ARCHIVE_OK {
            if let name { found.append((String(cString: name), Array(UnsafeRawBufferPointer(start: value, count: count)))) }
        }
        return found
    }
}
