import Frames
import TestSupport
import Testing

@testable import Imaging

@Suite struct MapSheetTests {
  /// Every pixel has its colour, or the ground's; chroma is the mean of four.
  @Test(arguments: [(3, 2, 5, 7), (2, 2, 8, 4), (1, 1, 9, 9)]) func tilesHaveTheirColors(
    columns: Int, rows: Int, tileWidth: Int, tileHeight: Int
  ) throws {
    let grid = TileGrid(columns: columns, rows: rows, tileWidth: tileWidth, tileHeight: tileHeight)
    var sheet = MapSheet(grid, TilePalette(.viridis))
    let map = (0..<tileWidth * tileHeight).map { Float($0 * 37 % 256) }
    let last = columns * rows - 1
    // The last tile of several stays empty.
    for index in 0..<max(1, last) {
      sheet.draw(map, mapWidth: tileWidth, mapHeight: tileHeight, at: index, low: 0, gain: 1)
    }
    let frame = sheet.colored()
    func color(_ x: Int, _ y: Int) -> [Double] {
      let (column, row) = (x / (tileWidth + TileGrid.sheetGap), y / (tileHeight + TileGrid.sheetGap))
      let (u, v) = (x % (tileWidth + TileGrid.sheetGap), y % (tileHeight + TileGrid.sheetGap))
      let isInside = u < tileWidth && v < tileHeight && (row * columns + column < last || last == 0)
      let shown = isInside ? Colormap.viridis.color(UInt8(map[v * tileWidth + u])) : Color(0x141414)
      let (r, g, b) = (Double(shown.red), Double(shown.green), Double(shown.blue))
      return [
        0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
        128 + 0.5 * r - 0.418688 * g - 0.081312 * b,
      ]
    }
    func sample(_ c: Int, _ x: Int, _ y: Int) -> Double {
      Double(frame.read(x, y, frame.format.pixelFormat.components[c]))
    }
    for y in 0..<grid.height {
      for x in 0..<grid.width { #expect(abs(sample(0, x, y) - color(x, y)[0]) <= 0.51, "\(x), \(y)") }
    }
    for y in 0..<(grid.height + 1) / 2 {
      for x in 0..<(grid.width + 1) / 2 {
        let (right, below) = (min(2 * x + 1, grid.width - 1), min(2 * y + 1, grid.height - 1))
        let four = [color(2 * x, 2 * y), color(right, 2 * y), color(2 * x, below), color(right, below)]
        for c in 1...2 {
          let mean = four.reduce(0) { $0 + $1[c] } / 4
          #expect(abs(sample(c, x, y) - mean) <= 1.01, "\(x), \(y), component \(c)")
        }
      }
    }
  }
}
