import Foundation
import Frames
import Glibc
import Telemetry

/// One JSON object per frame and line (Docs/JSON.md), to a file or, as `-`, to standard output.
package final class JSONLinesSink: Sink {
  private let file: PartialFile?
  private let writer: ByteFile
  private var isEnded = false

  /// Opens the output.
  /// - Parameter keeping: files that are read and so are not replaced even with `overwrite`.
  package init(_ path: String, overwrite: Bool = false, keeping: Set<FileIdentity> = []) throws {
    if path == "-" {
      file = nil
      writer = ByteFile(descriptor: STDOUT_FILENO, name: "standard output")
    } else {
      let file = try PartialFile(path, overwrite: overwrite, keeping: keeping)
      try file.create()
      self.file = file
      do { writer = try ByteFile(file.partialPath, name: path) } catch {
        file.discard()
        throw error
      }
    }
  }

  /// Writes the line of one frame, at once.
  package func write(_ report: some Encodable) throws {
    guard !isEnded else { return }
    var line = try JSONText.data(report)
    line.append(UInt8(ascii: "\n"))
    try line.withUnsafeBytes { try writer.write($0) }
  }

  package func finish(_ ending: Ending) throws {
    guard !isEnded else { return }
    try writer.close()
    try file?.commit(ending)
    isEnded = true
  }

  /// Whole lines stay, also where the disk filled up in the middle of one.
  package func salvage() -> String? {
    guard !isEnded else { return nil }
    isEnded = true
    return file?.keep()
  }

  package func abort() {
    guard !isEnded else { return }
    isEnded = true
    file?.discard()
  }
}
