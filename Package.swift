// swift-tools-version: 6.1
import PackageDescription

// The path of a module is its layer and `uses` are its arrows; `make lint` holds both against the imports.

func module(_ path: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name(path), dependencies: uses, path: "Sources/\(path)", swiftSettings: language)
}

func cModule(_ path: String) -> Target {
    .target(name: name(path), path: "Sources/\(path)")
}

func systemModule(_ path: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name(path), path: "Sources/\(path)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func app(_ path: String, uses: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name(path), dependencies: uses, path: "Sources/\(path)", swiftSettings: language,
        // The release programs carry their Swift runtime: they start in 2 ms instead of 7 and need no toolchain.
        // What FoundationEssentials is made of is not found by itself then.
        linkerSettings: [
            .unsafeFlags(
                ["-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-Xlinker", "--gc-sections", "-Xlinker", "-s"], .when(configuration: .release))
        ])
}

func tests(_ path: String, uses: [Target.Dependency]) -> Target {
    .testTarget(name: name(path), dependencies: uses, path: "Tests/\(path)", swiftSettings: language)
}

func name(_ path: String) -> String {
    String(path.split(separator: "/").last ?? "")
}

let language: [SwiftSetting] = [.swiftLanguageMode(.v6)]
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let kernel: [Target] = [
    cModule("Kernel/CLinux"),
    systemModule("Kernel/CNftables", pkgConfig: "libnftables", apt: "libnftables-dev"),
    systemModule("Kernel/CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),
    module("Kernel/Linux", uses: ["CLinux"]),
    module("Kernel/Cgroups", uses: ["Linux", "CLinux"]),
    module("Kernel/Netlink", uses: ["Linux", "CLinux"]),
    module("Kernel/Nftables", uses: ["Linux", "CNftables"]),
    module("Kernel/Seccomp", uses: ["Linux", "CSeccomp"]),
]

let runtime: [Target] = [
    systemModule("Runtime/CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    systemModule("Runtime/CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    module("Runtime/Launch"),
    // The same folder again (a symbolic link), compiled as Embedded Swift for the shim.
    .target(
        name: "EmbeddedLaunch", path: "Sources/Runtime/EmbeddedLaunch",
        swiftSettings: language + [.enableExperimentalFeature("Embedded")]),
    .executableTarget(
        name: "gantry-shim", dependencies: ["CLinux", "EmbeddedLaunch"], path: "Sources/Runtime/gantry-shim",
        swiftSettings: language + [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-Osize"])],
        linkerSettings: [
            .linkedLibrary("m"),
            .unsafeFlags(["-static-executable", "-Xlinker", "--gc-sections", "-Xlinker", "-s"]),
        ]),
    .target(name: "CCurl", path: "Sources/Runtime/CCurl", linkerSettings: [.linkedLibrary("curl")]),
    module("Runtime/OCI", uses: ["CCrypto"]),
    module("Runtime/Registry", uses: ["OCI", "Linux", "CCurl"]),
    module("Runtime/RuntimeSpec"),
    module("Runtime/Images", uses: ["OCI", "Registry", "Linux", "CArchive", "CCrypto"]),
    module("Runtime/Networks", uses: ["Linux", "CLinux", "Netlink", "Nftables"]),
    module("Runtime/Containers", uses: ["Launch", "RuntimeSpec", "Linux", "CLinux", "Cgroups", "Seccomp"]),
]

let stack: [Target] = [
    systemModule("Stack/CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    module("Stack/YAML", uses: ["CYAML"]),
    module("Stack/StackModel"),
    module("Stack/StackFile", uses: ["StackModel", "YAML"]),
    module("Stack/Planner", uses: ["StackModel"]),
]

let engine: [Target] = [
    module(
        "Engine",
        uses: [
            "StackModel", "Planner", "OCI", "RuntimeSpec", "Images", "Registry", "Networks", "Containers", "Linux", "Cgroups",
        ])
]

let apps: [Target] = [
    module("Apps/API", uses: ["StackModel", "Planner"]),
    module("Apps/Terminal", uses: ["StackModel", "Planner"]),
    app(
        "Apps/gantry",
        uses: ["API", "Terminal", "StackFile", "StackModel", "Planner", "CLinux", "Linux", argumentParser] + nio),
    app("Apps/gantryd", uses: ["API", "Engine", "StackModel", "Planner", "CLinux", "Linux", argumentParser] + nio),
]

let testTargets: [Target] = [
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: language),
    tests("Pure/YAMLTests", uses: ["YAML", "TestSupport"]),
    tests("Pure/StackModelTests", uses: ["StackModel", "TestSupport"]),
    tests("Pure/StackFileTests", uses: ["StackFile", "StackModel", "YAML", "TestSupport"]),
    tests("Pure/PlannerTests", uses: ["Planner", "StackModel", "TestSupport"]),
    tests("Pure/LaunchTests", uses: ["Launch", "TestSupport"]),
    tests("Pure/OCITests", uses: ["OCI", "TestSupport"]),
    tests("Pure/RuntimeSpecTests", uses: ["RuntimeSpec", "TestSupport"]),
    tests("Pure/CgroupsTests", uses: ["Cgroups", "TestSupport"]),
    tests("Pure/NetlinkTests", uses: ["Netlink", "Linux", "TestSupport"]),
    tests("Pure/NetworksTests", uses: ["Networks", "Linux", "TestSupport"]),
    tests("Pure/ContainersTests", uses: ["Containers", "Cgroups", "Launch", "RuntimeSpec", "TestSupport"]),
    tests("Pure/TerminalTests", uses: ["Terminal", "StackModel", "Planner", "TestSupport"]),
    tests("Pure/APITests", uses: ["API", "StackModel", "Planner", "TestSupport"]),
    tests("Pure/BlueprintTests", uses: ["Engine", "StackModel", "RuntimeSpec", "OCI", "Images", "Containers", "TestSupport"]),
    tests("Fakes/EngineTests", uses: ["Engine", "StackModel", "Planner", "OCI", "RuntimeSpec", "Images", "Networks", "Containers", "Linux", "TestSupport"]),
    tests("Kernel/LinuxKernelTests", uses: ["Linux", "TestSupport"]),
    tests("Kernel/CgroupsKernelTests", uses: ["Cgroups", "Linux", "TestSupport"]),
    tests("Kernel/SeccompKernelTests", uses: ["Seccomp", "Linux", "CLinux", "TestSupport"]),
    tests("Kernel/NetlinkKernelTests", uses: ["Netlink", "Linux", "TestSupport"]),
    tests("Kernel/NetworksKernelTests", uses: ["Networks", "Netlink", "Nftables", "Linux", "TestSupport"]),
    tests("Kernel/ImagesKernelTests", uses: ["Images", "OCI", "Registry", "Linux", "TestSupport"]),
    tests("Kernel/RegistryKernelTests", uses: ["Images", "OCI", "Registry", "Linux", "TestSupport"]),
    tests("Kernel/ContainersKernelTests", uses: ["Containers", "RuntimeSpec", "Launch", "Linux", "TestSupport"]),
    tests("Root/StackRootTests", uses: ["TestSupport"]),
]

let package = Package(
    name: "gantry",
    products: [
        .executable(name: "gantry", targets: ["gantry"]),
        .executable(name: "gantryd", targets: ["gantryd"]),
        .executable(name: "gantry-shim", targets: ["gantry-shim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: kernel + runtime + stack + engine + apps + testTargets
)
