/// Where tiles of one size lie, side by side, on a sheet.
package struct TileGrid: Sendable, Equatable {
  /// Tiles that are shown: all of `columns` times `rows`, or fewer in the last row.
  package let count: Int
  /// How many tiles lie in a row, and how many rows there are.
  package let columns: Int, rows: Int
  /// The size of a tile in pixels.
  package let tileWidth: Int, tileHeight: Int
  package let gap: Int

  /// Pixels between two tiles of a sheet.
  package static let sheetGap = 2

  package var width: Int { columns * tileWidth + (columns - 1) * gap }
  package var height: Int { rows * tileHeight + (rows - 1) * gap }

  package init(
    count: Int? = nil, columns: Int, rows: Int, tileWidth: Int, tileHeight: Int, gap: Int = TileGrid.sheetGap
  ) {
    (self.columns, self.rows, self.tileWidth, self.tileHeight) = (columns, rows, tileWidth, tileHeight)
    (self.count, self.gap) = (count ?? columns * rows, gap)
  }

  /// A grid for `count` maps of this shape that is about `width` pixels wide.
  package init(_ count: Int, mapWidth: Int, mapHeight: Int, width wanted: Int) {
    (self.count, gap) = (max(1, count), Self.sheetGap)
    let count = max(1, count)
    let aspect = Double(max(1, mapWidth)) / Double(max(1, mapHeight))
    // As many columns as make the sheet about three wide by two high.
    let ideal = (Double(count) * 1.5 / aspect).squareRoot().rounded(.up)
    columns = min(count, max(1, Int(ideal)))
    rows = (count + columns - 1) / columns
    let tile = max(1, (wanted - (columns - 1) * gap) / columns)
    tileWidth = min(tile, max(mapWidth * 8, 48))
    tileHeight = max(1, Int((Double(tileWidth) / aspect).rounded()))
  }

  /// The pixel, counted row by row, where tile `index` begins.
  func start(_ index: Int) -> Int {
    (index / columns) * (tileHeight + gap) * width + (index % columns) * (tileWidth + gap)
  }
}
