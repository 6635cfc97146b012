import Capture
import Foundation
import Frames

/// What `fovea devices` prints.
struct DevicesReport: Encodable {
  /// Rises when a key is removed or changes its meaning.
  let version = 1
  let cameras: [Camera]

  struct Camera: Encodable {
    let path: String, name: String, driver: String, bus: String
    let links: [String]
    let output: Bool
    let formats: [Format]
    let controls: [Control]
  }

  struct Format: Encodable {
    let fourcc: String, description: String
    /// What `--camera-format` calls it; absent when it cannot be read.
    let name: String?
    let sizes: [Size]
    /// Smallest and largest size with the steps, where the driver scales.
    let range: Range?
  }

  struct Size: Encodable {
    let width: Int, height: Int
    let fps: [Double]
  }

  struct Range: Encodable {
    let width: [Int], height: [Int]
    let fps: [Double]
  }

  struct Control: Encodable {
    let name: String, kind: String
    let minimum: Int64, maximum: Int64, step: Int64, standard: Int64
    let value: Int64?
    let menu: [String: String]?
    let locked: Bool
  }

  init(_ listings: [CameraListing]) {
    cameras = listings.map { listing in
      Camera(
        path: listing.path, name: listing.capabilities.card, driver: listing.capabilities.driver,
        bus: listing.capabilities.bus, links: listing.links, output: listing.isOutput,
        formats: listing.modes.map(Format.init), controls: listing.controls.map(Control.init))
    }
  }
}

extension DevicesReport.Format {
  init(_ mode: CameraMode) {
    let range = mode.range.map {
      DevicesReport.Range(
        width: [$0.width.minimum, $0.width.maximum, $0.width.step],
        height: [$0.height.minimum, $0.height.maximum, $0.height.step], fps: $0.rates.map(\.value))
    }
    self.init(
      fourcc: mode.fourcc, description: mode.description, name: mode.name,
      sizes: mode.sizes.map { .init(width: $0.width, height: $0.height, fps: $0.rates.map(\.value)) }, range: range)
  }
}

extension DevicesReport.Control {
  init(_ control: CameraControl) {
    let menu =
      control.menu.isEmpty
      ? nil : Dictionary(uniqueKeysWithValues: control.menu.map { (String($0.key), $0.value) })
    self.init(
      name: control.name, kind: control.kind.rawValue, minimum: control.range.lowerBound,
      maximum: control.range.upperBound, step: control.step, standard: control.standard, value: control.value,
      menu: menu, locked: control.isLocked)
  }
}

// MARK: text

extension DevicesReport {
  func text(all: Bool) -> String {
    cameras.map { camera in
      var lines = ["\(camera.path)  \(camera.name) (\(camera.driver), \(camera.bus))"]
      if camera.output { lines.append("  takes pictures: --output v4l2:\(camera.path)") }
      lines += camera.links.map { "  also \($0)" }
      lines += camera.formats.filter { all || $0.name != nil }.flatMap { $0.lines(all: all) }
      let unread = camera.formats.filter { $0.name == nil }.count
      if !all, unread > 0 { lines.append("  and \(unread) formats that Fovea does not read") }
      if all { lines += camera.controls.isEmpty ? [] : ["  controls:"] + camera.controls.map(\.line) }
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }
}

extension DevicesReport.Format {
  func lines(all: Bool) -> [String] {
    let title = "  \(name == nil ? " " : "*") \(fourcc)  \(name ?? description)"
    if let range {
      return [
        "\(title)  \(range.width[0])x\(range.height[0]) to \(range.width[1])x\(range.height[1])"
          + DevicesReport.rates(range.fps)
      ]
    }
    guard !all else { return [title] + sizes.map { "      \($0.width)x\($0.height)\(DevicesReport.rates($0.fps))" } }
    guard let largest = sizes.max(by: { $0.width * $0.height < $1.width * $1.height }) else { return [title] }
    let others = sizes.count > 1 ? " and \(sizes.count - 1) smaller sizes" : ""
    return ["\(title)  \(largest.width)x\(largest.height)\(DevicesReport.rates(Array(largest.fps.prefix(1))))\(others)"]
  }
}

extension DevicesReport.Control {
  var line: String {
    var text = "    \(name) = \(value.map(String.init) ?? "?")"
    if let menu {
      let items = menu.sorted { (Int64($0.key) ?? 0) < (Int64($1.key) ?? 0) }.map { "\($0.key) \($0.value)" }
      text += "  (\(items.joined(separator: ", ")))"
    } else if kind == "boolean" {
      text += "  (off 0, on 1; usually \(standard))"
    } else if kind != "button" {
      text += "  (\(minimum) to \(maximum), usually \(standard))"
    }
    return locked ? text + "  locked" : text
  }
}

extension DevicesReport {
  static func rates(_ fps: [Double]) -> String {
    guard !fps.isEmpty else { return "" }
    let words = fps.map { $0 == $0.rounded() ? String(Int($0)) : String(format: "%.2f", $0) }
    return " at \(words.joined(separator: ", ")) frames/s"
  }
}
