// swift-tools-version: 6.1
import PackageDescription

// Dependencies go only downward in this list; LayeringTests checks the `import` lines against it.

// Warnings are errors in CI and in `make lint`, which set FOVEA_STRICT. Elsewhere a warning of a newer compiler or of a newer
// FFmpeg does not stop the build.
let isStrict = Context.environment["FOVEA_STRICT"] != nil

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags(
    (isStrict ? ["-warnings-as-errors"] : []) + [
      // Tests see internals in release builds too, so that one build serves the demo and the tests.
      "-enable-testing",
      // Swift 6.3.1 leaves out the header of a stack-promoted object with a deinit but still deallocates it: a crash.
      "-Xllvm", "-sil-disable-pass=release-devirtualizer",
    ]),
]
let warningsC = ["-O2", "-Wall", "-Wextra"] + (isStrict ? ["-Werror"] : [])
let strictC: [CSetting] = [.unsafeFlags(warningsC + ["-fno-math-errno"])]

#if arch(arm64)
  let multiarch = "aarch64-linux-gnu"
#else
  let multiarch = "x86_64-linux-gnu"
#endif
// What `pkg-config --cflags pangocairo` says on Debian, Fedora and Arch; SwiftPM's own pkgConfig would complain about its
// -pthread in every build.
let pangoHeaders =
  ["pango-1.0", "cairo", "glib-2.0", "harfbuzz"].map { "/usr/include/\($0)" }
  + ["lib/\(multiarch)", "lib64", "lib"].map { "/usr/\($0)/glib-2.0/include" }

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)Tests",
    exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "fovea",
  products: [.executable(name: "fovea", targets: ["fovea"])],
  targets: [
    // C: kernels, and thin shims over system libraries.
    .target(name: "CKernels", cSettings: strictC),
    .target(
      name: "CFFmpeg", cSettings: strictC,
      linkerSettings: ["avformat", "avcodec", "avfilter", "swscale", "avutil"].map { .linkedLibrary($0) }),
    .target(name: "CLinux", cSettings: strictC, linkerSettings: [.linkedLibrary("v4lconvert")]),
    .target(
      name: "CCairo", cSettings: strictC + [.unsafeFlags(pangoHeaders.flatMap { ["-isystem", $0] })],
      linkerSettings: ["pangocairo-1.0", "pango-1.0", "gobject-2.0", "glib-2.0", "cairo", "fontconfig"].map {
        .linkedLibrary($0)
      }),
    .target(name: "CMicroHTTPD", cSettings: strictC, linkerSettings: [.linkedLibrary("microhttpd")]),
    .target(name: "CZlib", cSettings: strictC, linkerSettings: [.linkedLibrary("z")]),
    .target(name: "CSQLite", cSettings: strictC, linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CMosquitto", cSettings: strictC, linkerSettings: [.linkedLibrary("mosquitto")]),
    .target(name: "CCurl", cSettings: strictC, linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CSystemd", cSettings: strictC, linkerSettings: [.linkedLibrary("systemd")]),
    .target(name: "CTurboJPEG", cSettings: strictC, linkerSettings: [.linkedLibrary("turbojpeg")]),
    .target(
      name: "CTOML", cxxSettings: [.unsafeFlags(["-std=c++17"] + warningsC)]),

    // Swift libraries, lowest first.
    library("Telemetry", ["CLinux"]),
    library("Tensors", ["CLinux", "CZlib", "Telemetry"]),
    library("Inference", ["Tensors", "CKernels", "Telemetry"]),
    library("ONNX", ["Inference", "Tensors", "Telemetry"]),
    library("TOML", ["CTOML", "Telemetry"]),
    library("Models", ["ONNX", "Inference", "Tensors", "Telemetry", "TOML"]),
    library("Explanations", ["Inference", "Tensors", "Telemetry"]),
    library("Frames", ["Telemetry"]),
    library("Imaging", ["Frames", "Tensors", "Telemetry", "CKernels", "CCairo"]),
    library("Media", ["Frames", "Telemetry", "CFFmpeg", "CLinux"]),
    library("Capture", ["Media", "Frames", "Telemetry", "CFFmpeg", "CLinux"]),
    library("Output", ["Media", "Frames", "Tensors", "Telemetry", "CFFmpeg", "CLinux"]),
    library(
      "Pipeline",
      ["Imaging", "Frames", "Explanations", "Models", "Inference", "Tensors", "Telemetry", "CKernels"]),
    library(
      "Viewer",
      [
        "Pipeline", "Imaging", "Frames", "Explanations", "Models", "Inference", "Tensors", "Telemetry", "CKernels",
        "CMicroHTTPD", "CTurboJPEG",
      ], resources: [.embedInCode("Page")]),
    library("Settings", ["Telemetry"]),
    library(
      "Service",
      [
        "Capture", "Output", "Viewer", "Pipeline", "Settings", "Imaging", "Media", "Frames", "Explanations", "Models",
        "Inference", "Tensors", "TOML", "Telemetry", "CSQLite", "CSystemd", "CMosquitto", "CCurl",
      ], resources: [.embedInCode("Page")]),
    .executableTarget(
      name: "fovea",
      dependencies: [
        "Service", "Capture", "Output", "Viewer", "Pipeline", "Settings", "Imaging", "Media", "Frames", "Explanations",
        "Models",
        "ONNX",
        "Inference", "Tensors", "Telemetry",
      ],
      swiftSettings: strict),

    // Runs a model on given inputs, for the scripts that compare engines.
    .executableTarget(
      name: "reference-runner", dependencies: ["ONNX", "Inference", "Tensors", "Telemetry", "TestSupport"],
      path: "Tests/Reference/Runner",
      swiftSettings: strict),

    // Tests mirror the targets one to one.
    .target(
      name: "TestSupport", dependencies: ["Frames", "Tensors", "CZlib"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter", cSettings: strictC),
    tests("CKernels", ["CKernels"]),
    tests("Telemetry", ["Telemetry"]),
    tests("Tensors", ["Tensors"]),
    tests("Inference", ["Inference", "Tensors", "CKernels", "AllocationCounter"]),
    tests("ONNX", ["ONNX", "Inference", "Tensors"], exclude: ["Fixtures"]),
    tests("TOML", ["TOML", "Telemetry"]),
    tests("Models", ["Models", "Inference", "Tensors", "Telemetry"], exclude: ["Fixtures"]),
    tests(
      "Explanations", ["Explanations", "ONNX", "Inference", "Tensors", "Telemetry", "AllocationCounter"],
      exclude: ["Fixtures"]),
    tests("Frames", ["Frames"]),
    tests("Imaging", ["Imaging", "Frames", "Tensors", "Telemetry", "CKernels"], exclude: ["Fixtures"]),
    tests("Media", ["Media", "Frames", "Telemetry", "CFFmpeg"]),
    tests("Capture", ["Capture", "Media", "Frames", "Telemetry", "CFFmpeg", "CLinux"]),
    tests("Camera", ["Capture", "Output", "Media", "Frames", "Telemetry", "CFFmpeg"]),
    tests("Output", ["Output", "Capture", "Media", "Frames", "Tensors", "Telemetry", "CFFmpeg"]),
    tests(
      "Pipeline",
      [
        "Pipeline", "Imaging", "Frames", "Explanations", "Models", "ONNX", "Inference", "Tensors", "Telemetry",
        "AllocationCounter",
      ], exclude: ["Goldens"]),
    tests(
      "Viewer",
      [
        "Viewer", "Pipeline", "Imaging", "Frames", "Explanations", "Models", "ONNX", "Inference", "Tensors",
        "Telemetry",
      ]),
    tests("Settings", ["Settings", "Telemetry"]),
    tests(
      "Service",
      [
        "Service", "Capture", "Output", "Viewer", "Pipeline", "Settings", "Media", "Frames", "Models", "Inference",
        "TOML",
        "Telemetry",
      ]),
    tests(
      "fovea", ["fovea", "Capture", "Output", "Pipeline", "Settings", "Imaging", "Inference", "Telemetry"],
      exclude: ["Help"]),
    tests("Layering", []),
    tests("EndToEnd", ["Capture", "Frames"]),
  ],
  cxxLanguageStandard: .cxx17
)
