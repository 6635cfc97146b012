import Foundation

/// Where tests find what they need.
package enum TestData {
  /// The project's root.
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A classifier of ten classes with random weights.
  package static let tinyModel = root.appendingPathComponent("Tests/Fixtures/Tiny/tiny.onnx").path

  /// The folder with real models, photographs and clips (`$FOVEA_TEST_DATA`, else beside the project), or nil.
  package static let shared: URL? = {
    let path = ProcessInfo.processInfo.environment["FOVEA_TEST_DATA"]
    let url = path.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared/data").standardizedFileURL
    return FileManager.default.fileExists(atPath: url.appendingPathComponent("README.md").path) ? url : nil
  }()

  /// True when the folder is there; otherwise says once that tests are skipped.
  package static let hasShared: Bool = {
    if shared == nil { print("skipped: tests that need real models and clips (set FOVEA_TEST_DATA to their folder)") }
    return shared != nil
  }()

  /// A file of that folder. Only after `hasShared`.
  package static func file(_ path: String) -> URL {
    (shared ?? root).appendingPathComponent(path)
  }

  /// True when the environment asks for the scalar kernels: a frame takes seconds, and tests of whole clips look at fewer.
  package static let isSlow = ProcessInfo.processInfo.environment["FOVEA_ISA"] == "scalar"

  /// A fresh temporary folder, removed by `body`'s end.
  package static func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fovea-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
