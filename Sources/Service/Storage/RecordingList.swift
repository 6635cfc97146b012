import Foundation
import Telemetry

/// A recorded segment in `/v1/recordings`. JSON in snake case.
struct RecordingReport: Encodable {
  let name: String, camera: String
  let bytes: Int
  /// When it was complete, in seconds since 1970.
  let ended: Double
  let hasData: Bool
}

extension Service {
  /// The completed segments, the newest first, a thousand at most.
  func recordings(of camera: String?) -> [RecordingReport] {
    var found: [RecordingReport] = []
    func look(_ folder: String, _ prefix: String) {
      for entry in Files.names(in: folder) where entry != "." && entry != ".." {
        let path = folder.appending(name: entry)
        let name = prefix.isEmpty ? entry : "\(prefix)/\(entry)"
        if Files.isFolder(path) {
          if prefix.isEmpty, let camera, camera != entry { continue }
          look(path, name)
        } else if ["mp4", "mkv"].contains(path.ending), Storage.finalName(of: entry) == nil,
          let status = Files.status(path)
        {
          found.append(
            RecordingReport(
              name: name, camera: String(name.prefix { $0 != "/" }), bytes: Int(status.st_size),
              ended: Double(status.st_mtim.tv_sec), hasData: Files.exists(path.withoutEnding + ".jsonl")))
        }
      }
    }
    look(storage.recordings, "")
    return Array(found.sorted { $0.ended > $1.ended }.prefix(1000))
  }
}
