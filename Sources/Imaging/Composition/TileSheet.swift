/// Pictures of one size as tiles of R'G'B' bytes: what a browser gets to see. Made for one use.
package struct TileSheet {
  package let grid: TileGrid
  /// Three bytes per pixel, row after row.
  package private(set) var pixels: [UInt8]
  /// The level of the grey between tiles.
  static let ground: UInt8 = 20

  package init(_ grid: TileGrid) {
    self.grid = grid
    pixels = Array(repeating: Self.ground, count: grid.width * grid.height * 3)
  }

  /// Copies R'G'B' pixels of a tile's size into tile `index`.
  package mutating func copy(_ tile: [UInt8], at index: Int) {
    let bytes = grid.tileWidth * 3
    guard tile.count == bytes * grid.tileHeight else { return }
    for row in 0..<grid.tileHeight {
      let start = 3 * (grid.start(index) + row * grid.width)
      pixels.replaceSubrange(start..<start + bytes, with: tile[row * bytes..<(row + 1) * bytes])
    }
  }
}
