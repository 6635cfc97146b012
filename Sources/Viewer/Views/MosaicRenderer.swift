import Imaging
import Tensors

/// The sheet of a watched layer's maps, and where things are on it.
struct MosaicView: Sendable {
  let jpeg: [UInt8]
  let layout: MosaicLayout
}

/// Where the tiles of a mosaic are. JSON in snake case.
struct MosaicLayout: Encodable, Sendable {
  let value: String
  let channels: Int, height: Int, width: Int
  let columns: Int, rows: Int
  /// Width and height of a tile in pixels.
  let tile: [Int]
  /// The channels in the order of the tiles.
  let order: [Int]
  let low: Float, high: Float
  /// Each channel is one number.
  let strip: Bool
}

/// Draws mosaics.
enum MosaicRenderer {
  /// The maps that these settings ask for; nil where the layer was not watched when the frame was seen.
  static func mosaic(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> MosaicView? {
    guard let layer = settings.layer.flatMap({ snapshot.layers[$0] }) else { return nil }
    let order = order(layer, settings)
    let isStrip = layer.height * layer.width == 1
    let whole = layer.range
    let grid = TileGrid(
      order.count, mapWidth: layer.width, mapHeight: layer.height, width: isStrip ? 16 * 48 : settings.mosaicWidth)
    let layout = MosaicLayout(
      value: layer.value, channels: layer.channels, height: layer.height, width: layer.width, columns: grid.columns,
      rows: grid.rows, tile: [grid.tileWidth, grid.tileHeight], order: order, low: whole.low, high: whole.high,
      strip: isStrip)
    let key =
      "mosaic \(layer.value) \(settings.order) \(settings.normalization) \(settings.gain) \(settings.colormap) \(order.count) \(settings.mosaicWidth)"
    let jpeg = try snapshot.encoded.bytes(key) {
      var sheet = MapSheet(grid, TilePalette(settings.colormap))
      draw(layer, order, settings, whole, &sheet)
      return try JPEGEncoder.encode(sheet)
    }
    return MosaicView(jpeg: jpeg, layout: layout)
  }

  /// The map of one channel, about 384 pixels along its longer side.
  static func unit(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> [UInt8]? {
    guard let layer = settings.layer.flatMap({ snapshot.layers[$0] }), let unit = settings.unit,
      layer.statistics.indices.contains(unit), layer.height * layer.width > 1
    else { return nil }
    let scale = max(1, 384 / max(layer.width, layer.height))
    return try snapshot.encoded.bytes("unit \(layer.value) \(unit) \(settings.gain) \(settings.colormap)") {
      var sheet = MapSheet(
        TileGrid(columns: 1, rows: 1, tileWidth: layer.width * scale, tileHeight: layer.height * scale),
        TilePalette(settings.colormap))
      let state = layer.statistics[unit]
      let low = min(state.low, 0)
      let gain = state.high > low ? Float(settings.gain) * 255 / (state.high - low) : 0
      guard let values = layer.values.view.floats.baseAddress else { return [] }
      sheet.draw(
        values + unit * layer.height * layer.width, mapWidth: layer.width, mapHeight: layer.height, at: 0, low: low,
        gain: gain)
      return try JPEGEncoder.encode(sheet, quality: 88)
    }
  }

  /// An explanation alone, of the network's input's size.
  static func explanation(_ snapshot: Snapshot, _ wish: SaliencyWish) throws -> [UInt8]? {
    guard let shown = snapshot.explanations[wish] else { return nil }
    let scale = max(1, 224 / max(shown.width, shown.height))
    return try snapshot.encoded.bytes("explanation \(wish)") {
      var sheet = MapSheet(
        TileGrid(columns: 1, rows: 1, tileWidth: shown.width * scale, tileHeight: shown.height * scale),
        TilePalette(.magma))
      shown.values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        sheet.draw(base, mapWidth: shown.width, mapHeight: shown.height, at: 0, low: 0, gain: 255)
      }
      return try JPEGEncoder.encode(sheet, quality: 88)
    }
  }

  private static func order(_ layer: WatchedLayer, _ settings: WatchSettings) -> [Int] {
    var order = Array(layer.statistics.indices)
    let states = layer.statistics
    // Equal ones by number, so that the page stands still.
    switch settings.order {
    case .index: break
    case .strength: order.sort { (states[$0].strength, $1) > (states[$1].strength, $0) }
    case .change: order.sort { (states[$0].change, $1) > (states[$1].change, $0) }
    }
    return Array(order.prefix(layer.height * layer.width == 1 ? max(settings.tiles, 1024) : settings.tiles))
  }

  private static func draw(
    _ layer: WatchedLayer, _ order: [Int], _ settings: WatchSettings, _ whole: (low: Float, high: Float),
    _ sheet: inout MapSheet
  ) {
    guard let values = layer.values.view.floats.baseAddress else { return }
    let cells = layer.height * layer.width
    for (index, channel) in order.enumerated() {
      let own = layer.statistics[channel]
      let isWhole = settings.normalization == .layer || cells == 1
      let (low, high) = isWhole ? whole : (own.low, own.high)
      let gain = high > low ? Float(settings.gain) * 255 / (high - low) : 0
      sheet.draw(
        values + channel * cells, mapWidth: layer.width, mapHeight: layer.height, at: index, low: low, gain: gain)
    }
  }
}

extension WatchedLayer {
  /// Smallest and largest value of all channels.
  var range: (low: Float, high: Float) {
    let low = statistics.lazy.map(\.low).filter(\.isFinite).min() ?? 0
    let high = statistics.lazy.map(\.high).filter(\.isFinite).max() ?? 0
    return (low, high)
  }
}
