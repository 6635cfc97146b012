import Media
import Telemetry

/// Where pictures go, as a user names it. Only here are the words of an output parsed.
package enum Destination: Hashable, Sendable {
  /// A file, or a numbered sequence as in `out/%05d.png`.
  case file(String)
  /// `-`: standard output.
  case pipe
  /// A network address; the scheme is one of `networkFormats`.
  case network(String)
  /// A video device that takes pictures, as in `v4l2:/dev/video10`.
  case device(String)
  /// `null:`: pictures are thrown away.
  case nothing

  /// What is sent to each kind of address, unless the user names a format.
  private static let networkFormats = [
    "rtsp": "rtsp", "rtsps": "rtsp", "rtmp": "flv", "rtmps": "flv", "udp": "mpegts", "tcp": "mpegts", "srt": "mpegts",
    "http": "mpegts", "https": "mpegts",
  ]

  package init(_ words: String) throws {
    if words.isEmpty {
      throw UserError("the output has no name; name a file, a URL or - for a pipe", .usage)
    } else if words == "-" {
      self = .pipe
    } else if words == "null:" {
      self = .nothing
    } else if words.hasPrefix("v4l2:") {
      self = .device(String(words.dropFirst("v4l2:".count)))
    } else if let path = filePath(ofAddress: words) {
      self = .file(path)
    } else if isVideoDevice(words) {
      self = .device(words)
    } else if let scheme = scheme(of: words) {
      guard Self.networkFormats[scheme] != nil else {
        let hint = suggestion(for: scheme, among: Self.networkFormats.keys.sorted())
        throw UserError(
          "cannot send to \(scheme)://\(hint.isEmpty ? "; use rtsp, rtmp, udp, tcp or srt" : hint)", .usage)
      }
      self = .network(words)
    } else {
      self = .file(words)
    }
  }

  /// What messages call it: without name and password.
  package var displayName: String {
    switch self {
    case .file(let path), .device(let path): path
    case .pipe: "standard output"
    case .network(let url): redacted(url)
    case .nothing: "null:"
    }
  }

  /// The path of a file or device; nil for what is none.
  package var path: String? {
    switch self {
    case .file(let path), .device(let path): path
    case .pipe, .network, .nothing: nil
    }
  }

  /// It is watched while it is written.
  var isLive: Bool { if case .network = self { true } else { false } }

  var networkScheme: String? { if case .network(let url) = self { scheme(of: url) } else { nil } }

  /// The format that a network address wants unless the user names one.
  var networkFormat: String? { networkScheme.flatMap { Self.networkFormats[$0] } }
}
