import Frames
import Telemetry

/// The sink for an output. Whether the output may be written is checked here, before work starts. It keeps to the format that it is
/// opened with, whatever comes later.
package func openSink(_ destination: Destination, options: SinkOptions) throws -> any FrameSink {
  FirstFormatSink(try sink(for: destination, options))
}

private func sink(for destination: Destination, _ options: SinkOptions) throws -> any FrameSink {
  switch destination {
  case .nothing: return NullSink()
  case .device(let path): return VideoDeviceSink(path)
  case .pipe, .network, .file: break
  }
  let format = try format(of: destination, wanted: options.format)
  switch (format.kind, destination) {
  case (.null, _): return NullSink()
  case (.pictures, .file(let path)): return try PictureSink(path, format, options)
  default: return try EncoderSink(format, destination, options)
  }
}

/// What the user names, else what the destination's name or scheme says.
private func format(of destination: Destination, wanted: String?) throws -> OutputFormat {
  if let wanted { return try OutputFormat.named(wanted) }
  if let standard = destination.networkFormat { return try OutputFormat.named(standard) }
  if case .file(let path) = destination { return try OutputFormat.ofFile(path) }
  throw UserError("a pipe needs --format: y4m, rawvideo, mjpeg, mpegts or mkv", .usage)
}
