import Capture
import Foundation
import Output
import Telemetry

extension SourceAddress {
  /// An output's name in the present folder: for `clips/walk.mkv` and the suffix `annotated` it is `walk-annotated.mp4`, for a
  /// picture it ends in `.png`; what has no name of its own is called `fovea`.
  func outputName(suffix: String) -> String {
    var stem = "fovea"
    if case .file(let path) = self, !path.contains("%") {
      stem = path.withoutEnding.lastName
    }
    return "\(stem)-\(suffix).\(isPicture ? "png" : "mp4")"
  }
}

/// What a job reads, which no output may replace.
func identities(_ files: [String], _ address: SourceAddress) -> Set<FileIdentity> {
  let input = address == .standardInput ? FileIdentity(descriptor: STDIN_FILENO) : nil
  return Set(files.compactMap(FileIdentity.init) + [input].compactMap { $0 })
}

/// Throws when two outputs would be the same file.
func refuseSharedNames(_ outputs: [String]) throws {
  var seen: Set<[CChar]> = []
  for name in outputs where name != "-" {
    // Several outputs may go to a device such as /dev/null.
    if FileIdentity(name) == nil && Files.exists(name) { continue }
    let folder = Files.realPath(name.folder) ?? name.folder
    guard seen.insert(folder.appending(name: name.lastName).fileName).inserted else {
      throw UserError("\(name) is named for two outputs; give each its own file", .usage)
    }
  }
}
