import Imaging
import Tensors

/// The filters of a convolution that looks at colours, as coloured tiles: each scaled to its own range.
enum FilterSheet {
  /// [K, 3, R, S] as JPEG, tiles in the order of the channels.
  static func jpeg(_ weights: Tensor) throws -> [UInt8] {
    let (count, rows, columns) = (weights.shape[0], weights.shape[2], weights.shape[3])
    let scale = max(1, 44 / max(rows, columns))
    let across = max(1, Int((Double(count) * 1.5).squareRoot().rounded(.up)))
    var sheet = TileSheet(
      TileGrid(
        columns: min(across, count), rows: (count + across - 1) / across, tileWidth: columns * scale,
        tileHeight: rows * scale))
    let values = weights.view.floats
    for filter in 0..<count {
      let part = UnsafeBufferPointer(rebasing: values[filter * 3 * rows * columns..<(filter + 1) * 3 * rows * columns])
      sheet.copy(tile(part, rows, columns, scale), at: filter)
    }
    return try JPEGEncoder.encode(sheet, quality: 92)
  }

  private static func tile(_ filter: UnsafeBufferPointer<Float>, _ rows: Int, _ columns: Int, _ scale: Int) -> [UInt8] {
    let magnitude = filter.lazy.map(abs).filter(\.isFinite).max() ?? 0
    let gain = magnitude > 0 ? 127 / magnitude : 0
    var pixels: [UInt8] = []
    pixels.reserveCapacity(rows * columns * scale * scale * 3)
    for y in 0..<rows * scale {
      for x in 0..<columns * scale {
        for color in 0..<3 {
          let value = filter[(color * rows + y / scale) * columns + x / scale]
          pixels.append(UInt8(min(max(128 + (value * gain).orZero, 0), 255)))
        }
      }
    }
    return pixels
  }
}
