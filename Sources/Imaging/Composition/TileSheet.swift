import CKernels

/// Feature maps as tiles of R'G'B' bytes, side by side: what a browser gets to see. Made for one use.
package struct TileSheet {
  /// How many tiles lie in a row, and how many rows there are.
  package let columns: Int, rows: Int
  /// The size of a tile in pixels.
  package let tileWidth: Int, tileHeight: Int
  /// The size of the sheet.
  package let width: Int, height: Int
  /// Three bytes per pixel, row after row.
  package private(set) var pixels: [UInt8]
  /// Pixels between two tiles.
  package static let gap = 2
  /// What lies between them.
  private static let ground: UInt8 = 20

  /// A sheet for `count` maps of this shape that is about `width` pixels wide, and no taller than twice that.
  package init(_ count: Int, mapWidth: Int, mapHeight: Int, width wanted: Int) {
    let count = max(1, count)
    let aspect = Double(max(1, mapWidth)) / Double(max(1, mapHeight))
    // As many columns as make the sheet about three wide by two high.
    let ideal = (Double(count) * 1.5 / aspect).squareRoot().rounded(.up)
    columns = min(count, max(1, Int(ideal)))
    rows = (count + columns - 1) / columns
    let tile = max(1, (wanted - (columns - 1) * Self.gap) / columns)
    tileWidth = min(tile, max(mapWidth * 8, 48))
    tileHeight = max(1, Int((Double(tileWidth) / aspect).rounded()))
    width = columns * tileWidth + (columns - 1) * Self.gap
    height = rows * tileHeight + (rows - 1) * Self.gap
    pixels = Array(repeating: Self.ground, count: width * height * 3)
  }

  /// Draws a map into tile `index`: `low` in the first colour, `low + 255 / gain` in the last.
  package mutating func draw(
    _ map: UnsafePointer<Float>, mapWidth: Int, mapHeight: Int, at index: Int, low: Float, gain: Float,
    _ palette: TilePalette
  ) {
    var levels = [UInt8](repeating: 0, count: tileWidth * tileHeight)
    fovea_image_tile(
      &levels, tileWidth, Int32(tileWidth), Int32(tileHeight), map, Int32(mapWidth), Int32(mapHeight), low, gain)
    let (x, y) = ((index % columns) * (tileWidth + Self.gap), (index / columns) * (tileHeight + Self.gap))
    let (sheetWidth, tileWidth, tileHeight) = (width, tileWidth, tileHeight)
    pixels.withUnsafeMutableBufferPointer { pixels in
      for row in 0..<tileHeight {
        var target = ((y + row) * sheetWidth + x) * 3
        for column in 0..<tileWidth {
          let color = 3 * Int(levels[row * tileWidth + column])
          pixels[target] = palette.bytes[color]
          pixels[target + 1] = palette.bytes[color + 1]
          pixels[target + 2] = palette.bytes[color + 2]
          target += 3
        }
      }
    }
  }

  /// Copies R'G'B' pixels of a tile's size into tile `index`.
  package mutating func copy(_ tile: [UInt8], at index: Int) {
    guard tile.count == tileWidth * tileHeight * 3 else { return }
    let (x, y) = ((index % columns) * (tileWidth + Self.gap), (index / columns) * (tileHeight + Self.gap))
    for row in 0..<tileHeight {
      let start = ((y + row) * width + x) * 3
      pixels.replaceSubrange(start..<start + tileWidth * 3, with: tile[row * tileWidth * 3..<(row + 1) * tileWidth * 3])
    }
  }

  /// A sheet for tiles of exactly this size.
  package init(columns: Int, rows: Int, tileWidth: Int, tileHeight: Int) {
    (self.columns, self.rows, self.tileWidth, self.tileHeight) = (columns, rows, tileWidth, tileHeight)
    width = columns * tileWidth + (columns - 1) * Self.gap
    height = rows * tileHeight + (rows - 1) * Self.gap
    pixels = Array(repeating: Self.ground, count: width * height * 3)
  }
}

/// A colormap as 256 times R'G'B'.
package struct TilePalette: Sendable {
  let bytes: [UInt8]

  /// The colours of a map.
  package init(_ map: Colormap) {
    bytes = (0..<256).flatMap { level -> [UInt8] in
      let color = map.color(UInt8(level))
      return [color.red, color.green, color.blue]
    }
  }
}
