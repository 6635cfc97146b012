import Telemetry

/// The model that is used without `--model`.
enum DefaultModel {
  private static let file = "fovea-default.onnx"

  /// `$FOVEA_MODEL`; else the installed model, `../share/fovea/` beside the program; else that of the build tree.
  static func path() throws -> String {
    if let path = Files.environment("FOVEA_MODEL") { return path }
    let folder = (Files.realPath("/proc/self/exe") ?? "fovea").folder
    var candidates = [folder.folder.appending(name: "share/fovea/\(file)")]
    var above = folder
    for _ in 0..<6 {
      candidates.append(above.appending(name: "Samples/Model/\(file)"))
      above = above.folder
    }
    if let found = candidates.first(where: Files.exists) { return found }
    throw UserError(
      "the default model is not installed (looked for \(candidates[0])); name a classifier with --model FILE.onnx.",
      .usage)
  }
}
