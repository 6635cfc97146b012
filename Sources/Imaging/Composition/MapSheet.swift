import CKernels
import Frames

/// Maps as tiles, coloured in the samples of which a JPEG is made. Made for one use.
package struct MapSheet {
  package let grid: TileGrid
  private let palette: TilePalette
  /// One byte per pixel, row after row.
  private var levels: [UInt8]
  private var isDrawn: [Bool]

  package init(_ grid: TileGrid, _ palette: TilePalette) {
    (self.grid, self.palette) = (grid, palette)
    levels = Array(repeating: 0, count: grid.width * grid.height)
    isDrawn = Array(repeating: false, count: grid.columns * grid.rows)
  }

  /// Draws a map into tile `index`: `low` in the first colour, `low + 255 / gain` in the last.
  package mutating func draw(
    _ map: UnsafePointer<Float>, mapWidth: Int, mapHeight: Int, at index: Int, low: Float, gain: Float
  ) {
    let start = grid.start(index)
    levels.withUnsafeMutableBufferPointer { levels in
      guard let base = levels.baseAddress else { return }
      fovea_image_tile(
        base + start, grid.width, Int32(grid.tileWidth), Int32(grid.tileHeight), map, Int32(mapWidth), Int32(mapHeight),
        low, gain)
    }
    isDrawn[index] = true
  }

  /// The sheet as full-range Y'CbCr of BT.601, 4:2:0 in three planes of bytes.
  package func colored() -> Frame {
    let (width, height) = (grid.width, grid.height)
    let frame = Frame.allocated(JPEGPlanes.format(width, height))
    // Two rows of colours. `color` writes the tiles only, so the gaps keep the ground.
    var upper = [UInt32](repeating: palette.ground, count: width)
    var lower = upper
    for y in stride(from: 0, to: height, by: 2) {
      color(y, &upper)
      if y + 1 < height { color(y + 1, &lower) } else { lower = upper }
      func row(_ plane: Int, _ y: Int) -> UnsafeMutablePointer<UInt8>? {
        let (base, stride) = frame.planes[plane]
        return base.map { ($0 + y * stride).assumingMemoryBound(to: UInt8.self) }
      }
      fovea_image_split_420(
        row(0, y), y + 1 < height ? row(0, y + 1) : nil, row(1, y / 2), row(2, y / 2), upper, lower, Int32(width),
        fovea_isa_default())
    }
    return frame
  }

  private func color(_ y: Int, _ row: inout [UInt32]) {
    let pitch = grid.tileHeight + grid.gap
    let isBetween = y % pitch >= grid.tileHeight
    for column in 0..<grid.columns {
      let x = column * (grid.tileWidth + grid.gap)
      row.withUnsafeMutableBufferPointer { row in
        guard let target = row.baseAddress.map({ $0 + x }) else { return }
        if isBetween || !isDrawn[y / pitch * grid.columns + column] {
          target.update(repeating: palette.ground, count: grid.tileWidth)
          return
        }
        levels.withUnsafeBufferPointer { levels in
          guard let source = levels.baseAddress else { return }
          fovea_image_palette(target, source + y * grid.width + x, palette.colors, Int32(grid.tileWidth))
        }
      }
    }
  }
}

/// A colormap in JPEG's samples: 256 colours, and one for what lies between tiles.
///
/// A colour is one word, Y | Cb << 10 | Cr << 20, so that sums of four colours need no more room.
package struct TilePalette: Sendable {
  let colors: [UInt32]
  let ground: UInt32

  package init(_ map: Colormap) {
    let matrix = ColorConversion(JPEGPlanes.format(2, 2)).fromRGB(depth: 8)
    func word(_ color: Color) -> UInt32 {
      (0..<3).reduce(0) { word, c in
        let row = matrix[4 * c..<4 * c + 4].map { $0 }
        let value = row[0] * Double(color.red) + row[1] * Double(color.green) + row[2] * Double(color.blue) + row[3]
        return word | UInt32(min(max(value, 0), 255).rounded()) << UInt32(10 * c)
      }
    }
    colors = (0..<256).map { word(map.color(UInt8($0))) }
    ground = word(Color(UInt32(TileSheet.ground) * 0x010101))
  }
}
