import Foundation
import TestSupport

/// One Swift file of a library or of the program.
struct SourceFile {
  let target: String
  let path: String
  let lines: [String]
}

/// Every Swift file under Sources, with the target that it belongs to.
func sourceFiles() throws -> [SourceFile] {
  let sources = TestData.root.appendingPathComponent("Sources")
  guard let walker = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil) else { return [] }
  var files: [SourceFile] = []
  for case let url as URL in walker where url.pathExtension == "swift" {
    let parts = url.standardizedFileURL.path.dropFirst(sources.standardizedFileURL.path.count + 1)
    let target = String(parts.prefix { $0 != "/" })
    let text = try String(contentsOf: url, encoding: .utf8)
    files.append(
      SourceFile(target: target, path: "Sources/\(parts)", lines: text.components(separatedBy: "\n")))
  }
  return files
}
