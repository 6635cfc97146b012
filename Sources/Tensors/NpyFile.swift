import CLinux
import Glibc
import Telemetry

/// What is wrong with an npy or npz file, or with the disk under it, as a sentence for the user.
package struct NpyError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The sentence, without a trailing newline.
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// A file descriptor whose every failure is an `NpyError` that names the file. Used by one thread at a time.
package final class NpyFile {
  /// How messages name the file.
  package let path: String
  private(set) var descriptor: Int32

  init(_ descriptor: Int32, _ path: String) { (self.descriptor, self.path) = (descriptor, path) }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Makes a file for writing and reading; an existing one is emptied, or with `exclusive` an error.
  package static func writing(_ path: String, exclusive: Bool = false) throws -> NpyFile {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | (exclusive ? O_EXCL : O_TRUNC)
    let descriptor = open(path.fileName, flags, 0o666)
    guard descriptor >= 0 else { throw failure("cannot write", path) }
    return NpyFile(descriptor, path)
  }

  /// Makes a file without a name in the folder of `path`: it vanishes with the last descriptor, even after a crash.
  package static func scratch(beside path: String) throws -> NpyFile {
    let folder = path.folder
    // O_TMPFILE is a macro of several flags that Swift does not import.
    let descriptor = open(folder.fileName, O_RDWR | O_CLOEXEC | 0o20200000, 0o600)
    if descriptor >= 0 { return NpyFile(descriptor, path) }
    var template = "\(folder)/.fovea-XXXXXX".fileName
    let named = mkstemp(&template)
    guard named >= 0 else { throw failure("cannot write", path) }
    unlink(template)
    return NpyFile(named, path)
  }

  /// Writes all the bytes at an offset.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let n = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw Self.failure("cannot write", path) }
      done += n
    }
  }

  /// Fills all of `bytes` from an offset; a file that ends before is an error.
  package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let n = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if n < 0 && errno == EINTR { continue }
      guard n >= 0 else { throw Self.failure("cannot read", path) }
      guard n > 0 else { throw NpyError("\(path) ends too early; it was cut short, copy it again") }
      done += n
    }
  }

  /// Asks the file system to keep so many bytes for this file; where it cannot, nothing changes.
  func reserve(_ count: Int) { _ = fovea_file_reserve(descriptor, off_t(count)) }

  /// Gives back the room of bytes that were read; where the file system cannot, they stay.
  func free(_ range: Range<Int>) {
    _ = fovea_file_punch(descriptor, off_t(range.lowerBound), off_t(range.count))
  }

  func truncate(to count: Int) throws {
    guard ftruncate(descriptor, off_t(count)) == 0 else { throw Self.failure("cannot write", path) }
  }

  /// Puts everything on disk and closes; here a full disk may show for the last time.
  package func close() throws {
    guard descriptor >= 0 else { return }
    defer { descriptor = -1 }
    guard Glibc.close(descriptor) == 0 else { throw Self.failure("cannot write", path) }
  }

  static func failure(_ what: String, _ path: String) -> NpyError {
    let code = errno
    let advice =
      switch code {
      case ENOSPC, EDQUOT: "; make room on that disk or name another place"
      case EACCES, EPERM, EROFS: "; name a folder that you may write to"
      case ENOENT: "; check the name"
      default: ""
      }
    return NpyError("\(what) \(path): \(String(cString: strerror(code)).lowercased())\(advice)")
  }
}
