import Foundation
import Telemetry

/// A folder of tuning files. Whatever is wrong with it, the answer is only "nothing known" or "cannot keep it".
struct TuningCache: Sendable {
  /// The folder; nil where there is none to use.
  let folder: String?

  /// `$XDG_CACHE_HOME/fovea`, else `~/.cache/fovea` (XDG Base Directory Specification: a relative path is ignored).
  static var standardFolder: String? {
    if let cache = Files.environment("XDG_CACHE_HOME"), cache.hasPrefix("/") { return cache + "/fovea" }
    guard let home = Files.environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.cache/fovea"
  }

  /// Where the choices for this key lie.
  func path(model: String, key: String) -> String? {
    folder.map { "\($0)/tuning-\(model)-\(StableHash.of(key)).txt" }
  }

  /// No file of ours is larger.
  private static let byteLimit = 1 << 20

  /// The file's content; nil when it is absent, unreadable, damaged or for another key.
  func read(_ path: String, key: String) -> TuningFile? {
    // Not blocking: a pipe may lie there.
    let descriptor = open(path.fileName, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.byteLimit,
      let data = try? handle.read(upToCount: Self.byteLimit), let file = TuningFile(data), file.key == key
    else { return nil }
    return file
  }

  /// True when something lies there.
  func exists(_ path: String) -> Bool { Files.exists(path) }

  /// True when a file can be made in the folder, which is made where it is missing.
  func isWritable() -> Bool {
    guard let folder else { return false }
    return Files.makeFolder(folder, mode: 0o700) && access(folder.fileName, W_OK | X_OK) == 0
  }

  /// Keeps the file under this path, whole or not at all, and returns what is there afterwards: of two processes that
  /// measure at once the first one's choices count for both. Nil when nothing could be kept.
  func write(_ file: TuningFile, to path: String, accepts: (TuningFile) -> Bool) -> TuningFile? {
    let draft = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
    let descriptor = open(draft.fileName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    defer { unlink(draft.fileName) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    let isWritten = (try? handle.write(contentsOf: Data(file.text.utf8))) != nil
    guard close(descriptor) == 0, isWritten else { return nil }
    if link(draft.fileName, path.fileName) == 0 { return file }
    if let earlier = read(path, key: file.key), accepts(earlier) { return earlier }
    return rename(draft.fileName, path.fileName) == 0 ? file : nil
  }
}
