import Foundation
import Media
import Frames
import Telemetry

/// One camera of this machine, as `fovea devices` shows it.
package struct CameraListing: Sendable {
  /// As in "/dev/video0".
  package let path: String
  /// Lasting names under /dev/v4l, which do not depend on the order of plugging in.
  package let links: [String]
  package let capabilities: CameraCapabilities
  package let modes: [CameraMode]
  package let controls: [CameraControl]
  /// Pictures can be sent to it: a loopback or an output.
  package let isOutput: Bool
}

/// The cameras of this machine.
package enum CameraCatalog {
  /// Every node that gives or takes pictures, in the order of their numbers; and for each that could not be asked, why.
  package static func list(in folder: String = "/dev") -> (cameras: [CameraListing], problems: [String]) {
    var (cameras, problems): ([CameraListing], [String]) = ([], [])
    for path in paths(in: folder) {
      do {
        let device = try CameraDevice(path)
        let output = device.capabilities.outputType
        guard let type = device.capabilities.captureType ?? output else { continue }
        cameras.append(
          CameraListing(
            path: path, links: links(to: path, in: folder), capabilities: device.capabilities,
            modes: device.modes(type), controls: device.controls,
            isOutput: device.capabilities.captureType == nil && output != nil))
      } catch {
        problems.append("\(error)")
      }
    }
    return (cameras, problems)
  }

  /// `/dev/video*` by number.
  static func paths(in folder: String = "/dev") -> [String] {
    let names = Files.names(in: folder)
    return names.compactMap { name in
      name.hasPrefix("video") ? Int(name.dropFirst(5)).map { (name, $0) } : nil
    }.sorted { $0.1 < $1.1 }.map { "\(folder)/\($0.0)" }
  }

  /// The device that the user's words name: a path, a lasting name as in /dev/v4l/by-id, or (part of) a camera's name.
  package static func resolve(_ words: String, in folder: String = "/dev") throws -> String {
    if words.hasPrefix("/") { return words }
    if let number = Int(words), number >= 0 { return "\(folder)/video\(number)" }
    if words.hasPrefix("video"), Int(words.dropFirst(5)) != nil { return "\(folder)/\(words)" }
    for kind in ["by-id", "by-path"] {
      let link = "\(folder)/v4l/\(kind)/\(words)"
      if Files.exists(link) { return link }
    }
    let named = paths(in: folder).compactMap { path in (try? CameraDevice(path)).map { (path, $0.capabilities) } }
      .filter { $0.1.captureType != nil }
    let lower = words.lowercased()
    let exact = named.filter { $0.1.card.lowercased() == lower || $0.1.bus.lowercased() == lower }
    let found = exact.isEmpty ? named.filter { $0.1.card.lowercased().contains(lower) } : exact
    guard let first = found.first else {
      let hint = suggestion(for: words, among: named.map { $0.1.card })
      throw UserError("there is no camera '\(words)'\(hint); 'fovea devices' lists the cameras", .usage)
    }
    guard found.count == 1 else {
      let paths = found.map { $0.0 }.joined(separator: ", ")
      throw UserError("'\(words)' is the name of \(found.count) cameras: \(paths); name one of these", .usage)
    }
    return first.0
  }

  private static func links(to path: String, in folder: String) -> [String] {
    ["by-id", "by-path"].flatMap { kind -> [String] in
      let place = "\(folder)/v4l/\(kind)"
      let names = Files.names(in: place)
      return names.sorted().map { "\(place)/\($0)" }.filter {
        Files.realPath($0) == Files.realPath(path)
      }
    }
  }
}
