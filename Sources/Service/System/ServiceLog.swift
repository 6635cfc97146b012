import CSystemd
import Foundation
import Synchronization
import Telemetry

/// The service's log: structured entries in systemd's journal where stderr leads there, else lines on stderr.
///
/// A fault that repeats is counted, not repeated: the same message of a camera is written again after a minute, with how often it
/// came.
package enum ServiceLog {
  /// What an entry is about; its number finds all of a kind: `journalctl MESSAGE_ID=…`.
  package enum Kind: String, Sendable, CaseIterable {
    case started = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1001"
    case ready = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1002"
    case stopping = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1003"
    case reloaded = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1004"
    case configurationWrong = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1005"
    case cameraFound = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1010"
    case cameraLost = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1011"
    case framesDropped = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1012"
    case eventBegan = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1020"
    case eventEnded = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1021"
    case eventFailed = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1022"
    case recordingFailed = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1030"
    case recordingBack = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1031"
    case deleted = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1032"
    case noticeFailed = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1040"
    case noticeBack = "3d8a1f0c6b1e4c6f9a1d2b7e5c4f1041"
  }

  private static let repeats = Mutex(RepeatCounter())

  /// stderr is the journal's (systemd sets JOURNAL_STREAM to its device and inode).
  private static let isJournal: Bool = {
    guard let stream = Files.environment("JOURNAL_STREAM") else { return false }
    var status = stat()
    return fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
  }()

  /// Writes an entry about what cannot be done.
  package static func error(
    camera: String? = nil, stage: String, _ kind: Kind, _ message: String, fields: [String: String] = [:]
  ) { write(.error, camera, stage, kind, message, fields) }

  /// Writes an entry about what goes wrong and is tried again.
  package static func warning(
    camera: String? = nil, stage: String, _ kind: Kind, _ message: String, fields: [String: String] = [:]
  ) { write(.warning, camera, stage, kind, message, fields) }

  /// Writes an entry about what happens.
  package static func info(
    camera: String? = nil, stage: String, _ kind: Kind, _ message: String, fields: [String: String] = [:]
  ) { write(.info, camera, stage, kind, message, fields) }

  private static func write(
    _ level: LogLevel, _ camera: String?, _ stage: String, _ kind: Kind, _ message: String, _ fields: [String: String]
  ) {
    guard level <= Log.level else { return }
    let now = SystemTime().now()
    var text = message
    if level != .info {
      guard let count = repeats.withLock({ $0.passes("\(camera ?? "")\n\(message)", at: now) }) else { return }
      if count > 0 { text += " (\(count) times more since the last entry)" }
    }
    guard isJournal else {
      switch level {
      case .error: Log.error(text)
      case .warning: Log.warning(text)
      default: Log.info(text)
      }
      return
    }
    var entries = [
      "MESSAGE=\(text)", "PRIORITY=\(level == .error ? 3 : level == .warning ? 4 : 6)", "MESSAGE_ID=\(kind.rawValue)",
      "STAGE=\(stage)", "SYSLOG_IDENTIFIER=fovea",
    ]
    if let camera { entries.append("CAMERA=\(camera)") }
    entries += fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    send(entries)
  }

  private static func send(_ entries: [String]) {
    let bytes = entries.map { Array($0.utf8) }
    let flat = bytes.flatMap { $0 }
    flat.withUnsafeBytes { all in
      var start = 0
      let vectors = bytes.map { entry in
        defer { start += entry.count }
        return iovec(
          iov_base: UnsafeMutableRawPointer(mutating: all.baseAddress.map { $0 + start }), iov_len: entry.count)
      }
      _ = sd_journal_sendv(vectors, Int32(vectors.count))
    }
  }
}

/// Lets a message pass once a minute and counts it meanwhile.
struct RepeatCounter: Sendable {
  private static let pause = 60.0
  private static let most = 1000
  private var seen: [String: (last: MonotonicTime, count: Int)] = [:]

  /// How often the message was held back since it last passed; nil for one that is held back now.
  mutating func passes(_ message: String, at now: MonotonicTime) -> Int? {
    if let (last, count) = seen[message], now.seconds(since: last) < Self.pause {
      seen[message] = (last, count + 1)
      return nil
    }
    if seen.count >= Self.most { seen = seen.filter { now.seconds(since: $0.value.last) < Self.pause } }
    if seen.count >= Self.most { seen.removeAll() }
    defer { seen[message] = (now, 0) }
    return seen[message]?.count ?? 0
  }
}
