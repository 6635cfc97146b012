import CKernels

/// Where tiles of one size lie, side by side, on a sheet.
package struct TileGrid: Sendable {
  /// How many tiles lie in a row, and how many rows there are.
  package let columns: Int, rows: Int
  /// The size of a tile in pixels.
  package let tileWidth: Int, tileHeight: Int
  /// Pixels between two tiles.
  package static let gap = 2

  /// Columns of the whole sheet.
  package var width: Int { columns * tileWidth + (columns - 1) * Self.gap }
  /// Rows of the whole sheet.
  package var height: Int { rows * tileHeight + (rows - 1) * Self.gap }

  /// A grid of tiles of exactly this size.
  package init(columns: Int, rows: Int, tileWidth: Int, tileHeight: Int) {
    (self.columns, self.rows, self.tileWidth, self.tileHeight) = (columns, rows, tileWidth, tileHeight)
  }

  /// A grid for `count` maps of this shape that is about `width` pixels wide.
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
  }

  /// The first byte of each row of tile `index`, in three bytes per pixel.
  func rowStarts(_ index: Int) -> StrideTo<Int> {
    let (x, y) = ((index % columns) * (tileWidth + Self.gap), (index / columns) * (tileHeight + Self.gap))
    return stride(from: (y * width + x) * 3, to: ((y + tileHeight) * width + x) * 3, by: width * 3)
  }
}

/// Feature maps as tiles of R'G'B' bytes: what a browser gets to see. Made for one use.
package struct TileSheet {
  /// Where the tiles lie.
  package let grid: TileGrid
  /// Three bytes per pixel, row after row.
  package private(set) var pixels: [UInt8]
  /// What lies between them.
  private static let ground: UInt8 = 20

  /// An empty sheet.
  package init(_ grid: TileGrid) {
    self.grid = grid
    pixels = Array(repeating: Self.ground, count: grid.width * grid.height * 3)
  }

  /// Draws a map into tile `index`: `low` in the first colour, `low + 255 / gain` in the last.
  package mutating func draw(
    _ map: UnsafePointer<Float>, mapWidth: Int, mapHeight: Int, at index: Int, low: Float, gain: Float,
    _ palette: TilePalette
  ) {
    let (tileWidth, tileHeight) = (grid.tileWidth, grid.tileHeight)
    var levels = [UInt8](repeating: 0, count: tileWidth * tileHeight)
    fovea_image_tile(
      &levels, tileWidth, Int32(tileWidth), Int32(tileHeight), map, Int32(mapWidth), Int32(mapHeight), low, gain)
    let starts = grid.rowStarts(index)
    pixels.withUnsafeMutableBufferPointer { pixels in
      for (row, start) in starts.enumerated() {
        var target = start
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
    let bytes = grid.tileWidth * 3
    guard tile.count == bytes * grid.tileHeight else { return }
    for (row, start) in grid.rowStarts(index).enumerated() {
      pixels.replaceSubrange(start..<start + bytes, with: tile[row * bytes..<(row + 1) * bytes])
    }
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
