import Foundation
import Telemetry

/// The model that is used without `--model`.
enum DefaultModel {
  private static let file = "fovea-default.onnx"

  /// `$FOVEA_MODEL`; else the installed model, `../share/fovea/` beside the program; else that of the build tree.
  static func path() throws -> String {
    if let path = ProcessInfo.processInfo.environment["FOVEA_MODEL"], !path.isEmpty { return path }
    let folder = URL(fileURLWithPath: programPath()).deletingLastPathComponent()
    var candidates = [folder.appendingPathComponent("../share/fovea/\(file)").standardizedFileURL]
    var above = folder
    for _ in 0..<4 {
      candidates.append(above.appendingPathComponent("Samples/Model/\(file)"))
      above.deleteLastPathComponent()
    }
    if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) }) { return found.path }
    throw UserError(
      "the default model is not installed (looked for \(candidates[0].path)); name a classifier with --model FILE.onnx.",
      .usage)
  }

  /// Where this program lies, symbolic links resolved.
  private static func programPath() -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}
