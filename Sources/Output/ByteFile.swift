import Glibc
import Media
import Telemetry

/// A file or pipe to which bytes are written; failures are sentences with its name. Used by one thread.
final class ByteFile {
  private let name: String
  private var descriptor: Int32
  private let isOwned: Bool

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

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let n = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw UserError("cannot write \(name): \(ffmpegReason(-errno))") }
      done += n
    }
  }

  /// Closes; here a full disk may show for the last time.
  func close() throws {
    guard isOwned, descriptor >= 0 else { return }
    defer { descriptor = -1 }
    guard Glibc.close(descriptor) == 0 else { throw UserError("cannot write \(name): \(ffmpegReason(-errno))") }
  }
}
