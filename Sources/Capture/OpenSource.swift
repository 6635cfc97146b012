import Frames
import Media
import Telemetry

/// Opens whatever a user names as a source: a file, an image or several, `-` for a pipe, a network address, or
/// `synthetic:`. Throws one sentence that says what is wrong with it and what to do. The first frame is decoded when
/// this returns.
package func openSource(_ uri: String, options: SourceOptions = SourceOptions()) throws -> any FrameSource {
  FFmpegLog.route()
  for (name, seconds) in [("--start", options.start), ("--duration", options.duration)] {
    guard let seconds, !(0...1e9).contains(seconds) else { continue }
    throw UserError("\(name) \(seconds) is not possible; give seconds from 0 to 1000000000", .usage)
  }
  guard options.duration != 0 else { throw UserError("--duration 0 leaves nothing; give more seconds", .usage) }
  guard !uri.isEmpty else {
    throw UserError("cannot open an input without a name; name a file, a URL or - for a pipe", .usage)
  }
  let address = try SourceAddress(uri)
  switch address {
  case .file, .imageSequence, .imageGlob, .standardInput, .network:
    return try MediaSource(address, name: displayName(uri, address), options: options)
  case .synthetic(let specification):
    return try SyntheticSource(specification, name: uri, options: options)
  case .camera(let device):
    return try CameraSource(CameraCatalog.resolve(device), options: options)
  }
}

private func displayName(_ uri: String, _ address: SourceAddress) -> String {
  address == .standardInput ? "standard input" : redacted(uri)
}
