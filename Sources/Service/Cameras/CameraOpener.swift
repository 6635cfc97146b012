import Capture
import Foundation
import Frames
import Media
import Telemetry

/// Opens a camera's source as its settings say.
struct CameraOpener {
  private let name: String
  private let address: SourceAddress
  private let options: SourceOptions

  /// Reads the camera's password.
  init(_ settings: CameraSettings, _ interruption: Interruption, tap: (any PacketTap)?, _ clock: any TimeSource) throws
  {
    name = settings.name
    address = try settings.addressWithPassword()
    var options = SourceOptions()
    (options.interruption, options.packets, options.clock) = (interruption, tap, clock)
    (options.timeout, options.camera.timeout) = (settings.timeout.seconds, settings.timeout.seconds)
    options.camera.size = settings.size.map { ($0.width, $0.height) }
    options.camera.format = settings.format
    options.camera.rate = settings.frameRate.map { Rational(Int(($0 * 1000).rounded()), 1000) }
    options.camera.controls = settings.controls
    options.prefersUDP = settings.transport == .udp
    // A file stands for a camera: it plays at its own pace, again and again.
    (options.loop, options.realtime) = (!address.isLive, true)
    // Several cameras are decoded at once: one thread each.
    options.threads = 1
    self.options = options
  }

  /// The source; it comes back by itself when it is lost later.
  func open() throws -> any FrameSource {
    try SteadySource(address.displayName, options: options, needsFirst: true) { [address] in
      try openSource(address, options: $0)
    }
  }
}

extension CameraSettings {
  /// The source's address with the name and the password in it, for the code that connects.
  func addressWithPassword() throws -> SourceAddress {
    guard case .network(let url) = source, let user, let start = url.firstRange(of: "://") else { return source }
    let secret = try password.map { ":" + Self.escaped(try $0.read()) } ?? ""
    let rest = url[start.upperBound...]
    // What stands before an @ in the address itself gives way.
    let authority = rest.prefix { $0 != "/" }
    let host = authority.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
    return .network(url[..<start.upperBound] + Self.escaped(user) + secret + "@" + host)
  }

  /// RFC 3986, section 2: all but unreserved characters in percent form.
  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let letter = UnicodeScalar(byte)
      let isPlain =
        letter.isASCII
        && (Character(letter).isLetter || Character(letter).isNumber || "-._~".contains(Character(letter)))
      return isPlain ? String(letter) : String(format: "%%%02X", byte)
    }.joined()
  }
}
