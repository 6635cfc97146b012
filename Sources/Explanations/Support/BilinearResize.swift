/// Resizes maps of one size to another by bilinear interpolation between the centres of cells; beyond the outermost
/// centres the nearest cell counts. Tables are made once.
package final class BilinearResize {
  private let height: Int, width: Int
  private let rows: [Tap], columns: [Tap]

  /// The cell before a position, the one after it, and the share of the latter.
  private struct Tap {
    let low: Int, high: Int
    let share: Float

    init(_ index: Int, from: Int, to: Int) {
      let position = max((Double(index) + 0.5) * Double(from) / Double(to) - 0.5, 0)
      low = min(Int(position), from - 1)
      high = min(low + 1, from - 1)
      share = high > low ? Float(position - Double(low)) : 0
    }
  }

  package init(height: Int, width: Int, toHeight: Int, toWidth: Int) {
    (self.height, self.width) = (height, width)
    rows = (0..<toHeight).map { Tap($0, from: height, to: toHeight) }
    columns = (0..<toWidth).map { Tap($0, from: width, to: toWidth) }
  }

  /// Fills `target` (rows x columns of the second size) from `source`.
  package func resize(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        for y in rows.indices {
          let (upper, lower) = (source + rows[y].low * width, source + rows[y].high * width)
          let line = target + y * columns.count
          let down = rows[y].share
          for x in columns.indices {
            let tap = columns[x]
            let a = upper[tap.low] + (upper[tap.high] - upper[tap.low]) * tap.share
            let b = lower[tap.low] + (lower[tap.high] - lower[tap.low]) * tap.share
            line[x] = a + (b - a) * down
          }
        }
      }
    }
  }
}
