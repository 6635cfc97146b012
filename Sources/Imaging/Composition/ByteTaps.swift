import CKernels

/// A filter along rows of bytes as its kernel takes it.
final class ByteTaps {
  /// Valid as long as this object lives.
  let kernel: fovea_image_taps
  /// Bytes that must be readable beyond the last one of a row.
  let slack: Int
  private let start: UnsafeMutablePointer<Int32>
  private let weights: UnsafeMutablePointer<Int16>
  private let controls: UnsafeMutablePointer<UInt8>

  /// The filter of this table, whose outputs become a multiple of eight.
  init(_ table: ResampleTable) {
    let (used, taps) = (table.start.count, table.taps)
    let count = (used + 7) & ~7
    start = .allocate(capacity: count)
    // The outputs that fill up the last eight read the same place as the last one, with weights of 0.
    start.initialize(repeating: table.start.last ?? 0, count: count)
    start.update(from: table.start, count: used)
    weights = .allocate(capacity: count * taps)
    weights.initialize(repeating: 0, count: count * taps)
    controls = .allocate(capacity: count * 8)
    controls.initialize(repeating: 0, count: count * 8)
    var rows = (0..<used).flatMap { Self.rounded(table.weights[$0 * taps..<($0 + 1) * taps]) }
    rows += [Int16](repeating: 0, count: (count - used) * taps)
    fovea_image_taps_pack(weights, controls, start, rows, Int32(taps / 4), Int32(count))
    slack = taps + 12
    kernel = fovea_image_taps(
      start: start, weights: weights, controls: fovea_image_taps_reach(start, Int32(count)) <= 12 ? controls : nil,
      quads: Int32(taps / 4), count: Int32(count))
  }

  deinit {
    start.deallocate()
    weights.deallocate()
    controls.deallocate()
  }

  /// Weights of fewer fraction bits that still sum up to 1: the largest one takes what rounding leaves.
  private static func rounded(_ weights: ArraySlice<Int32>) -> [Int16] {
    let shift = Int32(22 - FOVEA_TAPS_FRACTION)
    var row = weights.map { Int16(($0 + (1 << (shift - 1))) >> shift) }
    guard let largest = row.indices.max(by: { row[$0] < row[$1] }) else { return row }
    row[largest] += Int16(1 << FOVEA_TAPS_FRACTION) - row.reduce(0, +)
    return row
  }
}
