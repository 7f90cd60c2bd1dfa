import Glibc
import StackFile
import TestSupport
import Testing

@Test func `files of the disk are read, and what is no file is told`() throws {
    let folder = Scratch("diskfiles")
    try folder.write("a/compose.yaml", "services: {web: {image: app}}\n")
    let files = DiskFiles()
    #expect(try files.read(folder.path + "/a/compose.yaml")?.count == 30)
    #expect(try files.read(folder.path + "/none") == nil)
    #expect(try files.read(folder.path + "/a/compose.yaml/deeper") == nil)
    #expect(throws: UnreadableFile(path: folder.path + "/a", cause: "is a folder")) { try files.read(folder.path + "/a") }
    #expect(files.exists(folder.path + "/a") && !files.exists(folder.path + "/none"))
    #expect(try files.read("/dev/null") == [])
    var small = DiskFiles()
    small.limit = 10
    #expect(throws: UnreadableFile.self) { try small.read(folder.path + "/a/compose.yaml") }
}

@Test func `a folder named like a stack file is passed over`() throws {
    let folder = Scratch("diskfolder")
    try folder.write("compose.yaml/x", "")
    try folder.write("compose.yml", "services: {web: {image: app}}\n")
    let loaded = try StackLoader().load(LoadRequest(currentDirectory: folder.path))
    #expect(loaded.stack.files == [folder.path + "/compose.yml"])
}

@Test func `a pipe without a writer does not stop the loader`() throws {
    let folder = Scratch("disksocket")
    let path = folder.path + "/s"
    #expect(mkfifo(path, 0o600) == 0)
    // A pipe without a writer ends at once instead of waiting for one.
    #expect(try DiskFiles().read(path) == [])
}
