import Foundation
import Settings
import Telemetry

/// Where a password or a token lies. The configuration never holds it, and what prints one prints the place.
package struct Secret: Sendable, Hashable, CustomStringConvertible {
  private enum Place: Hashable { case file(String), credential(String) }
  private let place: Place

  static let kind: ValueKind<Secret> = {
    var kind = ValueKind<Secret>("SECRET") { try Secret($0) }
    kind.word = { $0.description }
    return kind
  }()

  init(_ text: String) throws {
    if text.hasPrefix("file:"), text.count > 5 {
      place = .file(String(text.dropFirst(5)))
    } else if text.hasPrefix("credential:"), text.count > 11, !text.contains("/") {
      place = .credential(String(text.dropFirst(11)))
    } else {
      throw UserError(
        "a secret does not stand in this file: write \"file:/path\" of a file that holds it, or \"credential:NAME\" of a "
          + "credential that systemd passes (LoadCredential=)", .configuration)
    }
  }

  /// The place, as the configuration writes it.
  package var description: String {
    switch place {
    case .file(let path): "file:\(path)"
    case .credential(let name): "credential:\(name)"
    }
  }

  /// The first line of the file.
  /// - Throws: a sentence that does not hold the secret.
  package func read() throws -> String {
    let path: String
    switch place {
    case .file(let name): path = name
    case .credential(let name):
      guard let folder = Files.environment("CREDENTIALS_DIRECTORY") else {
        throw UserError(
          "there is no credential '\(name)': the program was not started by systemd with LoadCredential=\(name):…",
          .configuration)
      }
      path = folder.appending(name: name)
    }
    guard let data = Files.contents(path, limit: 65537), data.count <= 65536 else {
      throw UserError("the secret in \(path) cannot be read: is it a file that this user may read?", .configuration)
    }
    let line = data.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, let text = String(bytes: line, encoding: .utf8) else {
      throw UserError("the secret in \(path) is empty or no UTF-8 text", .configuration)
    }
    return text
  }
}
