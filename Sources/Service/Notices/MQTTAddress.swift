import Foundation
import Telemetry

/// Where a broker is: `mqtt://HOST[:PORT]`, `mqtts://…` for TLS.
struct MQTTAddress: Sendable, Equatable {
  let text: String, host: String
  let port: Int
  let isEncrypted: Bool

  init(_ text: String) throws {
    let wrong = UserError(
      "a broker's address is needed, such as \"mqtt://localhost\" or \"mqtts://broker:8883\"", .configuration)
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      parts.scheme == "mqtt" || parts.scheme == "mqtts"
    else { throw wrong }
    guard parts.password == nil, parts.user == nil else {
      throw UserError(
        "the name and the password for the broker stand in 'user' and 'password', not in its address", .configuration)
    }
    isEncrypted = parts.scheme == "mqtts"
    port = parts.port ?? (isEncrypted ? 8883 : 1883)
    (self.text, self.host) = (text, host)
    guard (1...65535).contains(port), parts.path.isEmpty || parts.path == "/" else { throw wrong }
  }
}
