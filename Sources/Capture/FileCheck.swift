import Foundation
import Media
import Telemetry

/// What can be wrong with a file before FFmpeg sees it.
enum FileCheck {
  /// Throws the sentence for a missing, unreadable or empty file, or a folder.
  static func check(_ path: String) throws {
    var status = stat()
    guard stat(path.fileName, &status) == 0 else { throw UserError("cannot open \(path): \(ffmpegReason(-errno))") }
    let type = status.st_mode & S_IFMT
    if type == S_IFDIR {
      throw UserError("cannot open \(path): it is a folder; name a file, or its pictures as in \(path)/%05d.png")
    }
    guard access(path.fileName, R_OK) == 0 else { throw UserError("cannot open \(path): \(ffmpegReason(-errno))") }
    if type == S_IFREG, status.st_size == 0 {
      throw UserError("cannot open \(path): the file is empty; check that it was copied or downloaded completely")
    }
  }

  /// True for a named pipe.
  static func isPipe(_ path: String) -> Bool {
    var status = stat()
    return stat(path.fileName, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// True for a file on a disk, whatever links lead to it.
  static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path.fileName, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// False for what gives its bytes only once: a pipe, a device.
  static func isRepeatable(_ path: String) -> Bool {
    var status = stat()
    return stat(path.fileName, &status) != 0 || [S_IFREG, S_IFDIR, S_IFBLK].contains(status.st_mode & S_IFMT)
  }

  /// True when the file begins like a text: only printable characters and white space.
  static func looksLikeText(_ path: String) -> Bool {
    guard let head = Files.contents(path, limit: 1024), !head.isEmpty else { return false }
    return head.allSatisfy { $0 >= 32 && $0 != 127 || (9...13).contains($0) }
  }

  /// True when the file begins with these letters.
  static func begins(_ path: String, with start: String) -> Bool {
    Files.contents(path, limit: start.utf8.count) == Data(start.utf8)
  }

  /// Throws the sentence for a pattern such as `frames/*.png` that no file has.
  static func checkGlob(_ pattern: String) throws {
    guard !files(of: pattern).isEmpty else {
      throw UserError("cannot open \(pattern): no file has such a name; check the path")
    }
  }

  /// The files that have such a name.
  static func files(of pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern.fileName, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(fileName: $0) } }
  }
}
