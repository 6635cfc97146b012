// swift-tools-version:6.0
import PackageDescription

// The renderer of the sample clip: a package of its own, so that Fovea's own build does not wait for it.
let package = Package(
  name: "clip",
  targets: [
    .target(
      name: "Scenes",
      cxxSettings: [
        .unsafeFlags([
          "-O3", "-ffast-math", "-march=native", "-fno-exceptions", "-fno-rtti",
        ])
      ]),
    .executableTarget(name: "clip", dependencies: ["Scenes"]),
  ],
  cxxLanguageStandard: .cxx17
)
