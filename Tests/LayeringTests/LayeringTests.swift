import Foundation
import TestSupport
import Testing

/// What each target may import: the table of Docs/Architecture.md. Dependencies go only downward in it.
private let mayImport: KeyValuePairs<String, Set<String>> = [
  "Telemetry": ["CLinux"],
  "Tensors": ["CLinux", "CZlib", "Telemetry"],
  "Inference": ["Tensors", "CKernels", "Telemetry"],
  "ONNX": ["Inference", "Tensors", "Telemetry"],
  "TOML": ["CTOML", "Telemetry"],
  "Models": ["ONNX", "Inference", "Tensors", "Telemetry", "TOML"],
  "Explanations": ["Inference", "Tensors", "Telemetry"],
  "Frames": ["Telemetry"],
  "Imaging": ["Frames", "Tensors", "CKernels", "CCairo", "Telemetry"],
  "Media": ["Frames", "Telemetry", "CFFmpeg", "CLinux"],
  "Capture": ["Media", "Frames", "Telemetry", "CFFmpeg", "CLinux"],
  "Output": ["Media", "Frames", "Tensors", "Telemetry", "CFFmpeg", "CLinux"],
  "Pipeline": ["Imaging", "Frames", "Explanations", "Models", "Inference", "Tensors", "Telemetry", "CKernels"],
  "Viewer": [
    "Pipeline", "Imaging", "Frames", "Explanations", "Models", "Inference", "Tensors", "Telemetry", "CKernels",
    "CMicroHTTPD", "CTurboJPEG",
  ],
  "Settings": ["Telemetry"],
  "Service": [
    "Capture", "Output", "Viewer", "Pipeline", "Settings", "Imaging", "Media", "Frames", "Explanations", "Models",
    "Inference", "Tensors", "TOML", "Telemetry", "CSQLite", "CSystemd", "CMosquitto", "CCurl",
  ],
  "fovea": [
    "Service", "Capture", "Output", "Viewer", "Pipeline", "Settings", "Imaging", "Media", "Frames", "Explanations",
    "Models",
    "ONNX",
    "Inference", "Tensors", "Telemetry",
  ],
]

/// What every target may import: the toolchain's own.
private let toolchain: Set<String> = ["Foundation", "Synchronization", "Dispatch", "Glibc"]

@Suite struct LayeringTests {
  @Test func importsGoOnlyDownward() throws {
    let table = Dictionary(uniqueKeysWithValues: mayImport.map { ($0.key, $0.value) })
    let files = try sourceFiles()
    #expect(files.count > 20)
    for file in files {
      let allowed = try #require(table[file.target], "\(file.path): target \(file.target) is not in the table")
      for module in imports(of: file) where !toolchain.contains(module) {
        #expect(allowed.contains(module), "\(file.path) imports \(module), which \(file.target) may not")
      }
    }
  }

  /// An import that Package.swift does not declare builds only when the imported target happens to be built first.
  @Test func importsAreDeclared() throws {
    let manifest = try String(contentsOf: TestData.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let libraries = manifest.matches(of: /library\(\s*"(\w+)",\s*\[([^\]]*)\]\s*[,)]/)
    #expect(libraries.count == mayImport.count - 1)
    let declared = Dictionary(uniqueKeysWithValues: libraries.map { (String($0.1), $0.2) })
    for file in try sourceFiles() where file.target != "fovea" {
      for module in imports(of: file) where !toolchain.contains(module) {
        #expect(declared[file.target]?.contains("\"\(module)\"") == true, "\(file.path) imports \(module)")
      }
    }
  }

  @Test func theTableHasNoCycle() {
    var above: Set<String> = []
    for (target, modules) in mayImport {
      #expect(modules.allSatisfy { $0.hasPrefix("C") && !table(has: $0) || above.contains($0) }, "\(target)")
      above.insert(target)
    }
  }

  private func table(has name: String) -> Bool { mayImport.contains { $0.key == name } }

  private func imports(of file: SourceFile) -> [String] {
    file.lines.compactMap { line in
      var words = line.split(separator: " ")
      while let first = words.first,
        first.hasPrefix("@") || ["package", "public", "internal", "private"].contains(first)
      { words.removeFirst() }
      guard words.count >= 2, words[0] == "import" else { return nil }
      let module =
        ["struct", "class", "func", "enum", "protocol", "let", "var"].contains(words[1]) ? words[2] : words[1]
      return String(module.prefix { $0 != "." })
    }
  }
}
