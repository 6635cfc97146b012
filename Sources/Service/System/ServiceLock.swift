import Foundation
import Synchronization
import Telemetry

/// The file `fovea.lock` in the storage's folder: only one service uses a folder, and `fovea reload` finds it there.
///
/// Its first line is the process's number, its second line how often the configuration was read again, and what came of it.
package final class ServiceLock: Sendable {
  private let descriptor: Int32
  private let reloads = Mutex(0)

  /// Takes the lock until the process ends.
  /// - Throws: a sentence when another service has it.
  package init(_ storage: Storage) throws {
    let path = Self.path(storage)
    guard Files.makeFolder(storage.folder) else { throw Self.failure(path, errno) }
    descriptor = open(path.fileName, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let other = Self.read(path)?.process
      close(descriptor)
      throw UserError(
        "another fovea serve (process \(other.map { "\($0)" } ?? "?")) uses the folder \(storage.folder); end it, or name another "
          + "folder in [storage]")
    }
    write("0 started")
  }

  deinit { close(descriptor) }

  /// Notes what came of a reload, for the command that asked for it.
  package func note(_ result: String) {
    let count = reloads.withLock { count in
      count += 1
      return count
    }
    write("\(count) \(result.replacing("\n", with: "; "))")
  }

  private func write(_ line: String) {
    let text = Array("\(getpid())\n\(line)\n".utf8)
    // A reader sees the old text or the new one, for it is shorter than a page.
    _ = ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func path(_ storage: Storage) -> String { storage.folder.appending(name: "fovea.lock") }

  private static func failure(_ path: String, _ code: Int32) -> UserError {
    UserError("cannot write \(path): \(String(cString: strerror(code))); see [storage] folder")
  }

  private static func read(_ path: String) -> (process: Int32, count: Int, result: String)? {
    guard let data = Files.contents(path, limit: 65536) else { return nil }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, let process = Int32(lines[0]) else { return nil }
    let words = lines[1].split(separator: " ", maxSplits: 1)
    guard words.count == 2, let count = Int(words[0]) else { return nil }
    return (process, count, String(words[1]))
  }

  /// Asks the service of this folder to read its configuration again, and waits for what comes of it.
  /// - Throws: a sentence when there is none, or when the configuration was refused.
  package static func reload(_ storage: Storage, seconds: Double = 60) throws {
    let path = path(storage)
    let lock = open(path.fileName, O_RDONLY | O_CLOEXEC)
    guard lock >= 0, let before = read(path) else {
      throw UserError("no service uses the folder \(storage.folder): there is no \(path)")
    }
    defer { close(lock) }
    guard flock(lock, LOCK_SH | LOCK_NB) != 0 else {
      throw UserError("no service uses the folder \(storage.folder) now")
    }
    guard kill(before.process, SIGHUP) == 0 else {
      throw UserError(
        "the service (process \(before.process)) cannot be told: \(String(cString: strerror(errno))); run this command as its user or as root"
      )
    }
    let end = SystemTime().now().advanced(bySeconds: seconds)
    while SystemTime().now() < end {
      if let now = read(path), now.process == before.process, now.count > before.count {
        guard now.result == "applied" else { throw UserError("nothing was changed: \(now.result)", .configuration) }
        return
      }
      SystemTime().sleep(until: SystemTime().now().advanced(bySeconds: 0.05))
    }
    throw UserError("the service (process \(before.process)) did not answer in \(Int(seconds)) s")
  }
}
