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
