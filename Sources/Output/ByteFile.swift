import Glibc
import Media
import Telemetry

/// A file or pipe to which bytes are written; failures are sentences with its name. Used by one thread.
final class ByteFile {
  private let name: String
  private var descriptor: Int32
  private let isOwned: Bool
  /// Bytes of complete writes.
  private var end: off_t = 0

  /// Opens (and empties) a file; `name` is for messages.
  init(_ path: String, name: String) throws {
    self.name = name
    isOwned = true
    descriptor = open(path.fileName, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw UserError("cannot write \(name): \(ffmpegReason(-errno))") }
  }

  /// Writes to a descriptor that others own, such as standard output.
  init(descriptor: Int32, name: String) { (self.descriptor, self.name, isOwned) = (descriptor, name, false) }

  deinit { if isOwned && descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Writes all of the bytes, or in a file of its own none of them.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let n = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw cutBack(errno) }
      done += n
    }
    end += off_t(done)
  }

  private func cutBack(_ code: Int32) -> UserError {
    if isOwned { _ = ftruncate(descriptor, end) }
    return UserError("cannot write \(name): \(ffmpegReason(-code))")
  }

  /// Closes; here a full disk may show for the last time.
  func close() throws {
    guard isOwned, descriptor >= 0 else { return }
    defer { descriptor = -1 }
    guard Glibc.close(descriptor) == 0 else { throw UserError("cannot write \(name): \(ffmpegReason(-errno))") }
  }
}
