import Imaging

/// Patches side by side, three in a row, the strongest first.
enum PatchSheet {
  static func jpeg(_ patches: [Patch]) throws -> [UInt8] {
    var sheet = TileSheet(columns: 3, rows: 3, tileWidth: PatchBook.side, tileHeight: PatchBook.side)
    for (index, patch) in patches.prefix(PatchBook.capacity).enumerated() { sheet.copy(patch.pixels, at: index) }
    return try JPEGEncoder.encode(sheet.pixels, width: sheet.width, height: sheet.height, quality: 90)
  }
}
