import Explanations
import Imaging
import Pipeline
import Telemetry

/// Reads what a viewer wants from a query. What is not understood is an error, for a silent default would hide a mistyped link.
struct WatchQuery {
  private let query: [String: String]
  private let network: NetworkReport

  /// - Parameter network: what layers, classes and methods there are.
  init(_ query: [String: String], network: NetworkReport) { (self.query, self.network) = (query, network) }

  private static let known: Set<String> = [
    "layer", "sort", "norm", "gain", "map", "tiles", "mosaic_width", "unit", "explain", "saliency", "target",
    "saliency_layer", "opacity", "heat", "width", "pin", "k", "health", "overlays", "token",
  ]

  /// Throws a sentence for the first thing that is wrong.
  func settings(defaults: WatchSettings) throws -> WatchSettings {
    if let name = query.keys.sorted().first(where: { !Self.known.contains($0) }) {
      throw UserError("there is no parameter '\(name)'\(suggestion(for: name, among: Array(Self.known)))")
    }
    var settings = defaults
    try readLayer(&settings)
    try readSaliency(&settings)
    settings.tiles = try integer("tiles", 1...1024) ?? settings.tiles
    settings.mosaicWidth = try integer("mosaic_width", 128...4096) ?? settings.mosaicWidth
    settings.width = try integer("width", 64...4096) ?? settings.width
    settings.top = try integer("k", 1...20) ?? settings.top
    settings.pin = try integer("pin", 0...max(0, network.classes.count - 1))
    settings.health = try integer("health", 0...1) == 1
    if let text = query["overlays"] { settings.overlays = try overlays(text) }
    return settings
  }

  private func readLayer(_ settings: inout WatchSettings) throws {
    if let name = query["layer"] { settings.layer = name == "none" ? nil : try layer(name) }
    settings.order = try choice("sort") ?? settings.order
    settings.normalization = try choice("norm") ?? settings.normalization
    settings.colormap = try choice("map") ?? settings.colormap
    settings.gain = try number("gain", 0.01...100) ?? settings.gain
    guard let layer = settings.layer.flatMap(network.layer) else { return }
    settings.unit = try integer("unit", 0...max(0, layer.channels - 1))
    if let method = query["explain"], method != "none" { settings.unitMethod = try self.method(method) }
  }

  private func readSaliency(_ settings: inout WatchSettings) throws {
    settings.heat.colormap = try choice("heat") ?? settings.heat.colormap
    if let opacity = try number("opacity", 0...1) { settings.heat.opacity = Float(opacity) }
    if query["saliency"] == "none" {
      settings.saliency = nil
      return
    }
    var wish = settings.saliency ?? WatchSettings.explanation(MethodTable.standard, of: "top")
    if let name = query["saliency"] { wish.method = try method(name) } else if settings.saliency == nil { return }
    if let target = query["target"] { wish.target = target }
    if let name = query["saliency_layer"] { wish.layers = [try layer(name)] }
    settings.saliency = wish
  }

  private func overlays(_ text: String) throws -> Set<String> {
    let (known, names) = (OverlayTable.names, text.split(separator: ",").map(String.init))
    for name in names where name != "none" && !known.contains(name) {
      throw UserError("there is no overlay '\(name)': there are \(known.joined(separator: ", ")) and none")
    }
    return Set(names.filter { $0 != "none" })
  }

  private func layer(_ name: String) throws -> String {
    if network.layer(name) != nil { return name }
    throw UserError("there is no layer '\(name)'\(suggestion(for: name, among: network.layers.map(\.value)))")
  }

  private func method(_ name: String) throws -> String { try MethodTable.method(named: name).info.name }

  private func choice<Words: RawRepresentable & CaseIterable>(_ name: String) throws -> Words?
  where Words.RawValue == String {
    guard let text = query[name] else { return nil }
    if let word = Words(rawValue: text) { return word }
    throw UserError("'\(name)=\(text)': it is one of \(Words.allCases.map(\.rawValue).joined(separator: ", "))")
  }

  private func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = query[name], !text.isEmpty else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UserError("'\(name)=\(text)': a whole number from \(range.lowerBound) to \(range.upperBound) is needed")
    }
    return value
  }

  private func number(_ name: String, _ range: ClosedRange<Double>) throws -> Double? {
    guard let text = query[name], !text.isEmpty else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw UserError("'\(name)=\(text)': a number from \(range.lowerBound) to \(range.upperBound) is needed")
    }
    return value
  }
}
