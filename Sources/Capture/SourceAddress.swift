import Foundation
import Telemetry

/// What a user's words for a source mean.
package enum SourceAddress: Hashable, Sendable {
  /// A video or image file, or a named pipe.
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

  /// Schemes of network addresses, and whether what they lead to is live (it cannot be read again).
  package static let networkSchemes: [String: Bool] = [
    "http": false, "https": false, "rtsp": true, "rtsps": true, "rtmp": true, "rtmps": true, "rtp": true, "srt": true,
    "tcp": true, "udp": true,
  ]

  /// Parses the words; a file that exists is taken as such, whatever its name looks like.
  package init(_ words: String) throws {
    if words == "-" || words == "pipe:" || words == "pipe:0" {
      self = .standardInput
    } else if words.hasPrefix("synthetic:") {
      self = .synthetic(String(words.dropFirst("synthetic:".count)))
    } else if words.hasPrefix("camera:") || words.hasPrefix("v4l2:") {
      self = .camera(String(words[words.index(after: words.firstIndex(of: ":") ?? words.startIndex)...]))
    } else if words.hasPrefix("file:") {
      self = Self.local(String(words.dropFirst(words.hasPrefix("file://") ? 7 : 5)))
    } else if let separator = words.range(of: "://"), !FileManager.default.fileExists(atPath: words) {
      let scheme = words[..<separator.lowerBound].lowercased()
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
    if path.hasPrefix("/dev/video") || path.hasPrefix("/dev/v4l/") { return .camera(path) }
    if FileManager.default.fileExists(atPath: path) { return .file(path) }
    if path.contains(/%(0[0-9]+)?d/) { return .imageSequence(path) }
    if path.contains(/[*?]/) { return .imageGlob(path) }
    return .file(path)
  }

  /// Cannot be read again, and does not wait for us.
  package var isLive: Bool {
    switch self {
    case .network(let url): url.range(of: "://").map { Self.networkSchemes[url[..<$0.lowerBound].lowercased()] } == true
    case .camera: true
    default: false
    }
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
}

/// The address without name and password, for messages.
package func redacted(_ url: String) -> String {
  guard let scheme = url.range(of: "://") else { return url }
  let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
  guard let at = authority.lastIndex(of: "@") else { return url }
  return url[..<scheme.upperBound] + "…" + url[at...]
}
