import Frames
import Media
import Telemetry

/// Opens a source. Throws one sentence that says what is wrong with it and what to do. The first frame is decoded when
/// this returns.
package func openSource(
  _ address: SourceAddress, options: SourceOptions = SourceOptions()
) throws -> any FrameSource {
  FFmpegLog.route()
  for (name, seconds) in [("--start", options.start), ("--duration", options.duration)] {
    guard let seconds, !(0...1e9).contains(seconds) else { continue }
    throw UserError("\(name) \(seconds) is not possible; give seconds from 0 to 1000000000", .usage)
  }
  guard options.duration != 0 else { throw UserError("--duration 0 leaves nothing; give more seconds", .usage) }
  switch address {
  case .file, .imageSequence, .imageGlob, .standardInput, .network:
    return try MediaSource(address, name: address.displayName, options: options)
  case .synthetic(let specification):
    return try SyntheticSource(specification, name: address.displayName, options: options)
  case .camera(let device):
    return try CameraSource(CameraCatalog.resolve(device), options: options)
  }
}
