import Foundation
import Glibc
import Output
import Settings
import Telemetry

/// The files that a job reads, which no output may replace.
func filesRead(_ arguments: ParsedArguments, input: String) -> Set<FileIdentity> {
  let path = input.hasPrefix("file://") ? String(input.dropFirst(7)) : input
  var names = [path] + ["model", "sidecar"].compactMap { arguments.text($0) }
  if let model = arguments.text("model") ?? (try? DefaultModel.path()) {
    names += [model, (model as NSString).deletingPathExtension + ".toml"]
  }
  if !FileManager.default.fileExists(atPath: path) { names += pictures(path) }
  var files = Set(names.compactMap(FileIdentity.init))
  if input == "-", let file = FileIdentity(descriptor: STDIN_FILENO) { files.insert(file) }
  return files
}

/// The files that a numbered sequence or a pattern of pictures may mean.
private func pictures(_ pattern: String) -> [String] {
  guard pattern.contains(/[%*?]/) else { return [] }
  var found = glob_t()
  defer { globfree(&found) }
  guard glob(pattern.replacing(/%0?[0-9]*d/, with: "*"), 0, nil, &found) == 0 else { return [] }
  return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
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
