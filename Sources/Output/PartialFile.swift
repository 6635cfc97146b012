import Frames
import Glibc
import Media
import Synchronization
import Telemetry

/// A file that is written under another name in the same folder and gets its own when it is complete.
///
/// What exists already and is no regular file (a device, a named pipe) is written directly.
final class PartialFile {
  /// The final name, behind links.
  let path: String
  /// Where the bytes go until `commit`.
  private(set) var partialPath: String
  /// Written directly, so that nothing is renamed or removed.
  let isDirect: Bool
  private let overwrite: Bool
  private var isDone = false
  private static let present = Mutex<Set<String>>([])

  /// Checks that the name may be written; makes nothing yet.
  /// - Parameter keeping: files that are read and so are not replaced even with `overwrite`.
  init(_ path: String, overwrite: Bool, keeping: Set<FileIdentity> = []) throws {
    let real = try Self.behindLinks(path)
    (self.path, partialPath, self.overwrite) = (real, real, overwrite)
    var status = stat()
    guard stat(real.fileName, &status) == 0 else {
      isDirect = false
      guard errno == ENOENT else { throw Self.failure(path, errno) }
      return
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else { throw UserError("\(path) is a folder; name a file in it", .usage) }
    if let identity = FileIdentity(status), keeping.contains(identity) {
      throw UserError("\(path) is read by this very command; name another output", .usage)
    }
    isDirect = kind != S_IFREG
    if !isDirect && !overwrite {
      throw UserError("\(path) exists; give --overwrite to replace it, or name another output", .usage)
    }
  }

  /// Where a link leads: what it leads to is written, the link stays. Throws for one that leads nowhere.
  private static func behindLinks(_ path: String) throws -> String {
    var status = stat()
    guard lstat(path.fileName, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
    guard let found = Files.realPath(path) else {
      guard errno == ENOENT else { throw failure(path, errno) }
      throw UserError(
        "cannot write \(path): it is a link to a file that is not there; remove the link, or name another output",
        .usage)
    }
    return found
  }

  /// Makes the empty partial file: `out.partial.mp4`, or with a number when that is taken.
  func create() throws {
    guard !isDirect else { return }
    for attempt in 1...1000 {
      let name = Self.partialName(path, attempt)
      let descriptor = Glibc.open(name.fileName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        close(descriptor)
        partialPath = name
        Self.present.withLock { _ = $0.insert(name) }
        return
      }
      guard errno == EEXIST else { throw Self.failure(path, errno) }
    }
    throw UserError(
      "cannot write \(path): its folder is full of old partial files; remove \(Self.partialName(path, 1))")
  }

  /// Gives the complete file its name. A file that appeared meanwhile is not replaced without `overwrite`.
  func commit(_ ending: Ending) throws {
    guard !isDirect, !isDone else { return }
    isDone = true
    Self.present.withLock { _ = $0.remove(partialPath) }
    if overwrite {
      if ending == .cutShort, access(path.fileName, F_OK) == 0 {
        return Log.warning("\(path) stays as it was: what was written of the new one is in \(partialPath)")
      }
      guard rename(partialPath.fileName, path.fileName) == 0 else { throw misnamed(errno) }
      return
    }
    if link(partialPath.fileName, path.fileName) == 0 {
      unlink(partialPath.fileName)
      return
    }
    let code = errno
    if code == EEXIST || Files.exists(path) {
      throw UserError("\(path) appeared while the work went on and was not replaced; the result is in \(partialPath)")
    }
    // For file systems without hard links.
    guard rename(partialPath.fileName, path.fileName) == 0 else { throw misnamed(code) }
  }

  /// The file is complete, but cannot get its name: it stays under the other one, and the error says so.
  private func misnamed(_ code: Int32) -> UserError {
    UserError("the result stays in \(partialPath): it cannot be named \(path): \(ffmpegReason(-code))")
  }

  /// Leaves the partial file where it is, unless it is empty.
  /// - Returns: its name; nil for none.
  func keep() -> String? {
    guard !isDirect, !isDone, partialPath != path else { return nil }
    var status = stat()
    guard stat(partialPath.fileName, &status) == 0, status.st_size > 0 else {
      discard()
      return nil
    }
    isDone = true
    Self.present.withLock { _ = $0.remove(partialPath) }
    return partialPath
  }

  /// Removes the partial file; nothing after `commit` or `keep`.
  func discard() {
    guard !isDirect, !isDone, partialPath != path else { return }
    isDone = true
    remove()
  }

  private func remove() {
    Self.present.withLock { _ = $0.remove(partialPath) }
    unlink(partialPath.fileName)
  }

  static func partialName(_ path: String, _ attempt: Int) -> String {
    let mark = attempt == 1 ? ".partial" : ".partial-\(attempt)"
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return path + mark }
    return path[..<dot] + mark + path[dot...]
  }

  static func failure(_ path: String, _ code: Int32) -> UserError {
    UserError("cannot write \(path): \(ffmpegReason(-code))")
  }
}

/// Removes every file that is not complete; for a program that is about to end at once. From any thread.
package func removePartialFiles() { PartialFile.removeAll() }

extension PartialFile {
  fileprivate static func removeAll() {
    present.withLock { names in
      for name in names { unlink(name.fileName) }
      names = []
    }
  }

  /// Takes the place of the partial file, which is removed: another file gets the final name.
  func replacePartial(with other: PartialFile) {
    remove()
    partialPath = other.partialPath
  }
}
