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
    let found = storage.segments(of: camera).map { segment in
      RecordingReport(
        name: segment.name, camera: String(segment.name.prefix { $0 != "/" }), bytes: Int(segment.status.st_size),
        ended: Double(segment.status.st_mtim.tv_sec), hasData: Files.exists(segment.dataPath))
    }
    return Array(found.sorted { $0.ended > $1.ended }.prefix(1000))
  }
}
