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
  static func make(in folder: String, _ options: SinkOptions) throws -> (name: String, sink: any FrameSink) {
    guard Files.isFolder(folder) else {
      throw UserError("there is no folder \(folder) to record to")
    }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyyMMdd-HHmmss-SSS"
    let name = "fovea-\(format.string(from: Date())).mp4"
    let path = folder.appending(name: name)
    return (name, try openSink(.file(path), options: options))
  }
}
