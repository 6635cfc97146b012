import Imaging
import Pipeline

/// Patches side by side, three in a row, the strongest first.
enum PatchSheet {
  static func jpeg(_ patches: [Patch]) throws -> [UInt8] {
    var sheet = TileSheet(TileGrid(columns: 3, rows: 3, tileWidth: PatchBook.side, tileHeight: PatchBook.side))
    for (index, patch) in patches.prefix(PatchBook.capacity).enumerated() { sheet.copy(patch.pixels, at: index) }
    return try JPEGEncoder.encode(sheet, quality: 90)
  }
}
