import Frames
import Telemetry

/// The sink for an output as users name it: a file, a numbered sequence (`out/%05d.png`), a URL, a video device
/// (`v4l2:/dev/video10`), `-` for standard output, nil or `null:` for nothing. Whether the output may be written is checked here, before work starts.
package func openSink(_ uri: String?, options: SinkOptions) throws -> any FrameSink {
  guard let uri, uri != "null:" else { return NullSink() }
  guard !uri.isEmpty else { throw UserError("the output has no name; name a file, a URL or - for a pipe", .usage) }
  let wanted = try options.format.map(OutputFormat.named)
  if uri == "-" {
    guard let format = wanted else {
      throw UserError("a pipe needs --format: y4m, rawvideo, mjpeg, mpegts or mkv", .usage)
    }
    if format.kind == .null { return NullSink() }
    return try EncoderSink(format, .pipe, options)
  }
  if uri.hasPrefix("v4l2:") { return CameraSink(String(uri.dropFirst(5))) }
  if uri.hasPrefix("/dev/video") { return CameraSink(uri) }
  if let scheme = scheme(of: uri), scheme != "file" {
    guard let standard = networkFormats[scheme] else {
      let hint = suggestion(for: scheme, among: networkFormats.keys.sorted())
      throw UserError("cannot send to \(scheme)://\(hint.isEmpty ? "; use rtsp, rtmp, udp, tcp or srt" : hint)", .usage)
    }
    return try EncoderSink(wanted ?? OutputFormat.named(standard), .network(uri, scheme: scheme), options)
  }
  let path = uri.hasPrefix("file://") ? String(uri.dropFirst(7)) : uri
  let format = try wanted ?? OutputFormat.ofFile(path)
  switch format.kind {
  case .null: return NullSink()
  case .pictures: return try PictureSink(path, format, options)
  case .container: return try EncoderSink(format, .file(path), options)
  }
}

/// What is sent to each kind of address.
private let networkFormats = [
  "rtsp": "rtsp", "rtsps": "rtsp", "rtmp": "flv", "rtmps": "flv", "udp": "mpegts", "tcp": "mpegts", "srt": "mpegts",
  "http": "mpegts", "https": "mpegts",
]

private func scheme(of uri: String) -> String? {
  guard let colon = uri.firstRange(of: "://") else { return nil }
  let name = uri[..<colon.lowerBound].lowercased()
  return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) } ? name : nil
}
