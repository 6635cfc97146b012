/// Where the server listens, and how much it takes.
package struct HTTPServerOptions: Sendable {
  package var host = "127.0.0.1"
  /// The port; 0 takes a free one.
  package var port = 8600
  /// The secret that a request must bring; required when other machines can reach the address.
  package var token: String?
  /// Names by which browsers may ask for the page, beside the address itself.
  package var allowedHosts: [String] = []
  package var maxClients = 256
  /// Bytes of a request's body.
  package var maxBodyBytes = 64 << 10
  /// Seconds after which a client that takes nothing of its answer is cut off.
  package var timeout = 15
  /// Seconds in which a request must be there with its body, from the connection's beginning or the answer before it.
  package var requestTime = 30.0

  package init() {}

  /// Only this machine can reach the address.
  package var isLoopback: Bool { host == "::1" || host == "localhost" || host.hasPrefix("127.") }
}

/// The secret of a server that is reached from elsewhere.
package enum HTTPToken {
  /// 32 random bytes in base64url.
  package static func generate() -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var generator = SystemRandomNumberGenerator()
    // 43 letters of 6 bits.
    return String((0..<43).map { _ in letters[Int.random(in: 0..<64, using: &generator)] })
  }

  /// Takes as long for any two texts of the same length, so that a client cannot find a token letter by letter.
  static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
