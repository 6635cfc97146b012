import Foundation
import Frames
import Output
import Telemetry
import Viewer

/// `--output`: the picture with its overlay, from the first frame to the last.
final class LiveOutput {
  private let writer: SnapshotWriter

  init(_ place: Destination, _ options: SinkOptions, viewer: LiveViewer) throws {
    let sink = try openSink(place, options: options)
    writer = try viewer.write(to: place.displayName, sink)
  }

  func stop() { writer.stop() }
}

/// Where viewers record to.
enum RecordingPlace {
  /// A new file in the folder, named by the time.
  static func make(in folder: String) throws -> (name: String, sink: any FrameSink) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw UserError("there is no folder \(folder) to record to")
    }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyyMMdd-HHmmss-SSS"
    let name = "fovea-\(format.string(from: Date())).mp4"
    let path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
    return (name, try openSink(.file(path), options: SinkOptions()))
  }
}
