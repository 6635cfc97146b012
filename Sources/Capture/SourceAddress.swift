import Foundation
import Media
import Telemetry

/// Where frames come from, as a user names it. Only here are the words of an input parsed.
package enum SourceAddress: Hashable, Sendable {
  case file(String)
  /// Numbered files, as in `frames/%05d.png`.
  case imageSequence(String)
  /// Files of a pattern in the order of their names, as in `frames/*.png`.
  case imageGlob(String)
  /// `-`.
  case standardInput
  /// A network address; the scheme is one of `SourceAddress.networkSchemes`.
  case network(String)
  /// A generated picture; what follows `synthetic:`.
  case synthetic(String)
  /// A V4L2 device, as in `/dev/video0`; or what `CameraCatalog.resolve` knows, after `camera:`.
  case camera(String)

  /// Schemes of network addresses, and whether what they lead to is live.
  static let networkSchemes: [String: Bool] = [
    "http": false, "https": false, "rtsp": true, "rtsps": true, "rtmp": true, "rtmps": true, "rtp": true, "srt": true,
    "tcp": true, "udp": true,
  ]

  package init(_ words: String) throws {
    if words.isEmpty {
      throw UserError("cannot open an input without a name; name a file, a URL or - for a pipe", .usage)
    } else if words == "-" || words == "pipe:" || words == "pipe:0" {
      self = .standardInput
    } else if words.hasPrefix("synthetic:") {
      self = .synthetic(String(words.dropFirst("synthetic:".count)))
    } else if words.hasPrefix("camera:") || words.hasPrefix("v4l2:") {
      self = .camera(String(words[words.index(after: words.firstIndex(of: ":") ?? words.startIndex)...]))
    } else if let path = filePath(ofAddress: words) {
      self = Self.local(path)
    } else if let scheme = scheme(of: words), !Files.exists(words) {
      guard Self.networkSchemes[scheme] != nil else {
        throw UserError(
          "cannot open \(redacted(words)): there is no scheme \"\(scheme)\"; use a file, -, synthetic:, or one of "
            + Self.networkSchemes.keys.sorted().map { "\($0)://" }.joined(separator: " "), .usage)
      }
      self = .network(words)
    } else {
      self = Self.local(words)
    }
  }

  private static func local(_ path: String) -> SourceAddress {
    if isVideoDevice(path) { return .camera(path) }
    if Files.exists(path) { return .file(path) }
    if path.contains(/%(0[0-9]+)?d/) { return .imageSequence(path) }
    if path.contains(/[*?]/) { return .imageGlob(path) }
    return .file(path)
  }

  /// What messages call it: without name and password.
  package var displayName: String {
    switch self {
    case .file(let path), .imageSequence(let path), .imageGlob(let path): path
    case .standardInput: "standard input"
    case .network(let url): redacted(url)
    case .synthetic(let specification): "synthetic:\(specification)"
    case .camera(let name): name.hasPrefix("/") ? name : "camera:\(name)"
    }
  }

  /// True for a camera or a stream, whose pictures come once, in real time.
  package var isLive: Bool {
    switch self {
    case .network(let url): scheme(of: url).flatMap { Self.networkSchemes[$0] } == true || Self.isMotionJPEG(url)
    case .camera: true
    default: false
    }
  }

  /// A web camera's HTTP stream has an address like any file's; by its usual name it is known to have no end.
  static func isMotionJPEG(_ url: String) -> Bool {
    let name = url.lowercased()
    return name.contains("mjpg") || name.contains("mjpeg")
  }

  /// Can be opened a second time to read the same again.
  package var isRepeatable: Bool {
    switch self {
    case .standardInput, .camera: false
    case .network: !isLive
    case .file(let path): FileCheck.isRepeatable(path)
    default: true
    }
  }

  /// Can be opened long before it is read: nothing is lost meanwhile, and no sender waits.
  package var canWait: Bool {
    switch self {
    case .standardInput, .camera, .network: false
    case .file(let path): FileCheck.isRegular(path)
    default: true
    }
  }

  /// The files that are read; none for what is no file.
  package var files: [String] {
    switch self {
    case .file(let path): [path]
    case .imageSequence(let pattern): FileCheck.files(of: pattern.replacing(/%0?[0-9]*d/, with: "*"))
    case .imageGlob(let pattern): FileCheck.files(of: pattern)
    default: []
    }
  }

  /// A file that holds one picture, by its name.
  package var isPicture: Bool {
    if case .file(let path) = self { DemuxerInput.isImageName(path) } else { false }
  }
}
