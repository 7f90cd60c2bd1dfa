import ArgumentParser
import Glibc
import Linux
import StackModel
import Terminal

struct Image: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Images on this machine.", subcommands: [Pull.self, Load.self, Import.self, Ls.self, Inspect.self, Rm.self, Tag.self])

    struct Pull: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Fetch images from their registries.")
        @Flag(name: [.customShort("q"), .long], help: "Print nothing.") var quiet = false
        @Argument(help: "Names.") var images: [String]
        mutating func run() async throws { try await Pulling.run(images, Context.current, quiet: quiet) }
    }

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read images from an archive or a folder.", discussion: "What `docker save`, `podman save`, skopeo and umoci write; compressed or not.")
        @Option(name: [.customShort("i"), .customLong("input")], help: "A file, or a folder that is an OCI layout; standard input otherwise.") var input: String?
        @Flag(name: [.customShort("q"), .long], help: "Print nothing.") var quiet = false
        mutating func run() async throws {
            let context = Context.current
            if input == nil, isatty(0) == 1 { throw Failure(code: .invalid, what: "image load reads standard input, which is a terminal", hint: "give a file with -i") }
            let daemon = try await context.daemon()
            let images: [ImageSummary]
            if let input, input != "-" {
                images = try await daemon.imageLoad(path: context.absolute(input))
            } else {
                images = try await daemon.imageLoad(fd: 0)
            }
            if quiet { return }
            for image in images { Output.out("Loaded image: \(image.names.isEmpty ? image.id : image.names.joined(separator: ", "))\n") }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an image from the archive of a root filesystem.")
        @Option(name: [.customShort("c"), .long], help: "A line as in a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR.") var change: [String] = []
        @Argument(help: "A tar file, or - for standard input.") var file: String
        @Argument(help: "The image's name.") var name: String
        mutating func run() async throws {
            let daemon = try await Context.current.daemon()
            let fd = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
            guard fd >= 0 else { throw Failure(code: .notFound, what: "open \(file)", cause: String(cString: strerror(errno))) }
            let images = try await daemon.imageImport(fd: fd, name: name, changes: change)
            for image in images { Output.out("\(image.id)\n") }
        }
    }

    struct Ls: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List images.", aliases: ["list"])
        @Flag(name: [.customShort("q"), .long], help: "Ids only.") var quiet = false
        @Option(help: "table or json.") var format = "table"
        mutating func run() async throws {
            let images = try await Context.current.daemon().images()
            if quiet {
                Output.out(images.map { $0.id + "\n" }.joined())
            } else if format == "json" {
                Output.out(try images.map { try JSONOutput.line($0) }.joined())
            } else {
                Output.out(ListText.images(images))
            }
        }
    }

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what an image is, as JSON.")
        @Argument(help: "Name or id.") var reference: String
        mutating func run() async throws { Output.out(try await Context.current.daemon().imageInspect(reference) + "\n") }
    }

    struct Rm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove images.", aliases: ["remove"])
        @Flag(name: [.customShort("f"), .long], help: "All names of an image that is given by id.") var force = false
        @Argument(help: "Names or ids.") var references: [String]
        mutating func run() async throws {
            let daemon = try await Context.current.daemon()
            for reference in references {
                for gone in try await daemon.imageRemove(reference, force: force) {
                    Output.out(gone.hasPrefix("sha256:") ? "Deleted: \(gone)\n" : "Untagged: \(gone)\n")
                }
            }
        }
    }

    struct Tag: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an image one more name.")
        @Argument(help: "Name or id.") var source: String
        @Argument(help: "The new name.") var name: String
        mutating func run() async throws { try await Context.current.daemon().imageTag(source, as: name) }
    }
}
