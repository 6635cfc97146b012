import Foundation
import Telemetry

/// The folder of recordings and events, and what things in it are called.
package struct Storage: Sendable {
  package let settings: StorageSettings
  package var folder: String { settings.folder }

  package init(_ settings: StorageSettings) { self.settings = settings }

  package var recordings: String { folder.appending(name: "recordings") }
  package var eventFiles: String { folder.appending(name: "events") }
  package var database: String { folder.appending(name: "events.db") }

  /// The path of a camera's segment that begins at this time, without its ending.
  package func segment(of camera: String, _ pattern: String, at seconds: Double) -> String {
    let name = Self.time(pattern, seconds)
    // Nothing leads out of the camera's folder.
    let parts = name.split(separator: "/").map(String.init).filter { $0 != "." && $0 != ".." && !$0.isEmpty }
    return ([camera] + (parts.isEmpty ? ["recording"] : parts)).reduce(recordings) { $0.appending(name: $1) }
  }

  /// The path of an event's files, without their ending: below the folder, as the database has it.
  package func event(_ event: Event) -> String {
    "events/\(Self.time("%Y-%m-%d", event.started))/\(event.camera)-\(event.rule)-\(Self.time("%H-%M-%S", event.started))-\(event.id)"
  }

  /// A path below the folder as a whole one.
  package func path(_ name: String) -> String { folder.appending(name: name) }

  /// The path of a file below the folder; nil for one elsewhere.
  package func name(of path: String) -> String? {
    path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : nil
  }

  /// Bytes that the disk has left for this program; nil where that cannot be known.
  package var free: Int? {
    var status = statvfs()
    guard statvfs(folder.fileName, &status) == 0 else { return nil }
    return Int(clamping: UInt(status.f_bavail) * UInt(status.f_frsize))
  }

  /// Whether there is room to record: half of what is to stay free is the limit, so that deleting old files comes first.
  package var hasRoom: Bool { free.map { $0 >= settings.minFree.bytes / 2 } ?? true }

  /// The local time as strftime(3) writes it.
  package static func time(_ pattern: String, _ seconds: Double) -> String {
    var (time, parts) = (time_t(seconds), tm())
    localtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 512)
    let count = strftime(&text, text.count, pattern, &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A completed segment of a recording.
  struct Segment {
    /// Below the folder of recordings, as `CAMERA/…`, and as a whole path.
    var name: String, path: String
    var status: stat
    /// The data beside it, which may not be there.
    var dataPath: String { path.withoutEnding + ".jsonl" }
  }

  /// All completed segments, or those of one camera, in no order.
  func segments(of camera: String? = nil) -> [Segment] {
    var found: [Segment] = []
    func look(_ folder: String, _ prefix: String) {
      for entry in Files.names(in: folder) where entry != "." && entry != ".." {
        let path = folder.appending(name: entry)
        let name = prefix.isEmpty ? entry : "\(prefix)/\(entry)"
        if Files.isFolder(path) {
          if prefix.isEmpty, let camera, camera != entry { continue }
          look(path, name)
        } else if ["mp4", "mkv"].contains(path.ending), Self.finalName(of: entry) == nil,
          let status = Files.status(path)
        {
          found.append(Segment(name: name, path: path, status: status))
        }
      }
    }
    look(recordings, "")
    return found
  }

  /// What a crash or a loss of power left under the name of unfinished files gets its own: it plays up to its last second.
  package func recover() {
    for folder in [recordings, eventFiles] { recover(in: folder) }
  }

  private func recover(in folder: String) {
    for name in Files.names(in: folder) where name != "." && name != ".." {
      let path = folder.appending(name: name)
      if Files.isFolder(path) {
        recover(in: path)
      } else if let whole = Self.finalName(of: name) {
        let size = Files.status(path)?.st_size ?? 0
        let target = folder.appending(name: whole)
        if size == 0 {
          unlink(path.fileName)
        } else if !Files.exists(target), rename(path.fileName, target.fileName) == 0 {
          Log.warning("\(target) was not complete when the service ended; what it holds up to then plays")
        }
      }
    }
  }

  /// `a.mp4` of `a.partial.mp4` or `a.partial-2.mp4`; nil for other names.
  static func finalName(of name: String) -> String? {
    guard let match = name.firstMatch(of: /^(.*)\.partial(-[0-9]+)?(\.[^.]+)$/) else { return nil }
    return String(match.1) + String(match.3)
  }
}
