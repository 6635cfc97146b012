import Capture
import Foundation
import Output
import Settings
import Telemetry

extension SourceAddress {
  /// An output's name in the present folder: for `clips/walk.mkv` and the suffix `annotated` it is `walk-annotated.mp4`, for a
  /// picture it ends in `.png`; what has no name of its own is called `fovea`.
  func outputName(suffix: String) -> String {
    var stem = "fovea"
    if case .file(let path) = self, !path.contains("%") {
      stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
    return "\(stem)-\(suffix).\(isPicture ? "png" : "mp4")"
  }
}

/// The files that a job reads, which no output may replace.
func filesRead(_ arguments: ParsedArguments, input: SourceAddress) -> Set<FileIdentity> {
  var names = input.files + ["model", "sidecar"].compactMap { arguments.text($0) }
  if let model = arguments.text("model") ?? (try? DefaultModel.path()) {
    names += [model, (model as NSString).deletingPathExtension + ".toml"]
  }
  var files = Set(names.compactMap(FileIdentity.init))
  if input == .standardInput, let file = FileIdentity(descriptor: STDIN_FILENO) { files.insert(file) }
  return files
}

/// Throws when two outputs would be the same file.
func refuseSharedNames(_ outputs: [String]) throws {
  var seen: Set<String> = []
  for name in outputs where name != "-" {
    // A device such as /dev/null takes anything.
    if FileIdentity(name) == nil && FileManager.default.fileExists(atPath: name) { continue }
    let url = URL(fileURLWithPath: name)
    let folder = url.deletingLastPathComponent().resolvingSymlinksInPath()
    guard seen.insert(folder.appendingPathComponent(url.lastPathComponent).path).inserted else {
      throw UserError("\(name) is named for two outputs; give each its own file", .usage)
    }
  }
}
