import Imaging
import Pipeline
import Tensors

/// The sheet of a layer's maps, and where things are on it.
struct MosaicView: Sendable {
  let jpeg: [UInt8]
  let tiles: MosaicTiles
}

/// Where the tiles of a mosaic are. JSON in snake case.
struct MosaicTiles: Encodable, Sendable {
  let value: String
  let channels: Int, height: Int, width: Int
  let columns: Int, rows: Int
  /// Width and height of a tile in pixels.
  let tile: [Int]
  let order: [Int]
  let low: Float, high: Float
  /// Each channel is one number.
  let strip: Bool
}

/// Draws feature maps as sheets of tiles.
enum MosaicRenderer {
  /// The maps that these settings ask for; nil where the layer was not wished for when the frame was seen.
  static func mosaic(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> MosaicView? {
    guard let layer = settings.layer.flatMap({ snapshot.analysis?.layer($0) }) else { return nil }
    let limit = layer.isVector ? max(settings.tiles, 1024) : settings.tiles
    var selector = ChannelSelector(.automatic(limit: limit), by: settings.order, settings.normalization)
    selector.select(layer, selector.count(of: layer))
    let grid = TileGrid(
      selector.selected.count, mapWidth: layer.width, mapHeight: layer.height,
      width: layer.isVector ? 16 * 48 : settings.mosaicWidth)
    let whole = layer.range
    let tiles = MosaicTiles(
      value: layer.name, channels: layer.channels, height: layer.height, width: layer.width, columns: grid.columns,
      rows: grid.rows, tile: [grid.tileWidth, grid.tileHeight], order: selector.selected, low: whole.low,
      high: whole.high, strip: layer.isVector)
    let look = "\(settings.order) \(settings.normalization) \(settings.gain) \(settings.colormap)"
    let jpeg = try snapshot.encoded.bytes("mosaic \(layer.name) \(look) \(grid.count) \(settings.mosaicWidth)") {
      var sheet = MapSheet(grid, TilePalette(settings.colormap))
      for (index, channel) in selector.selected.enumerated() {
        let (low, high) = selector.range(layer, channel)
        draw(layer.map(channel), layer, at: index, low, high, settings.gain, &sheet)
      }
      return try JPEGEncoder.encode(sheet)
    }
    return MosaicView(jpeg: jpeg, tiles: tiles)
  }

  /// The map of one channel, about 384 pixels along its longer side.
  static func unit(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> [UInt8]? {
    guard let layer = settings.layer.flatMap({ snapshot.analysis?.layer($0) }), let unit = settings.unit,
      layer.statistics.indices.contains(unit), !layer.isVector
    else { return nil }
    return try snapshot.encoded.bytes("unit \(layer.name) \(unit) \(settings.gain) \(settings.colormap)") {
      var sheet = single(width: layer.width, height: layer.height, pixels: 384, settings.colormap)
      let state = layer.statistics[unit]
      draw(layer.map(unit), layer, at: 0, min(state.low, 0), state.high, settings.gain, &sheet)
      return try JPEGEncoder.encode(sheet, quality: 88)
    }
  }

  /// An explanation alone, of the network's input's size.
  static func explanation(_ snapshot: Snapshot, _ wish: ExplanationWish) throws -> [UInt8]? {
    guard let shown = snapshot.analysis?.explanation(wish)?.shown else { return nil }
    let (height, width) = (shown.shape[0], shown.shape[1])
    return try snapshot.encoded.bytes(wish) {
      var sheet = single(width: width, height: height, pixels: 224, .magma)
      if let values = shown.view.floats.baseAddress {
        sheet.draw(values, mapWidth: width, mapHeight: height, at: 0, low: 0, gain: 255)
      }
      return try JPEGEncoder.encode(sheet, quality: 88)
    }
  }

  /// A sheet for one map, enlarged by a whole number to about so many pixels.
  private static func single(width: Int, height: Int, pixels: Int, _ colormap: Colormap) -> MapSheet {
    let scale = max(1, pixels / max(width, height))
    return MapSheet(
      TileGrid(columns: 1, rows: 1, tileWidth: width * scale, tileHeight: height * scale), TilePalette(colormap))
  }

  private static func draw(
    _ map: UnsafePointer<Float>, _ layer: LayerValues, at index: Int, _ low: Float, _ high: Float, _ gain: Double,
    _ sheet: inout MapSheet
  ) {
    let gain = high > low ? Float(gain) * 255 / (high - low) : 0
    sheet.draw(map, mapWidth: layer.width, mapHeight: layer.height, at: index, low: low, gain: gain)
  }
}
