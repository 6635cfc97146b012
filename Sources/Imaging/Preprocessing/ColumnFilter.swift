import CKernels

/// The filter along columns: mixes rows of bytes into one.
final class ColumnFilter {
  /// The rows of the input that the filter reads.
  let rows: Range<Int>
  /// The most rows that one output row is mixed from.
  let span: Int
  private let table: ResampleTable
  private let isa: fovea_isa
  private let packed: [UInt8]
  private let packedStride: Int
  private let taps: UnsafeMutablePointer<UnsafePointer<UInt8>?>

  init(_ table: ResampleTable, isa: fovea_isa) {
    (self.table, self.isa) = (table, isa)
    rows = table.inputRange
    span = table.counts.max() ?? 1
    let count = Int32(table.start.count)
    packedStride = fovea_image_filter_bytes(Int32(table.taps), 1, isa)
    var packed = [UInt8](repeating: 0, count: packedStride * table.start.count + 1)
    fovea_image_filter_pack(&packed, table.weights, Int32(table.taps), count, isa)
    self.packed = packed
    taps = .allocate(capacity: span)
    taps.initialize(repeating: nil, count: span)
  }

  deinit { taps.deallocate() }

  /// Output row `y` of the table's, of `bytes` bytes, from the input rows that `row` gives; the last row is asked for first.
  func mix(_ y: Int, into output: UnsafeMutablePointer<UInt8>, bytes: Int, row: (Int) -> UnsafePointer<UInt8>) {
    let (first, count) = (Int(table.start[y]), table.counts[y])
    for tap in (0..<count).reversed() { taps[tap] = row(first + tap) }
    table.weights.withUnsafeBufferPointer { weights in
      packed.withUnsafeBufferPointer { packed in
        guard let weights = weights.baseAddress, let packed = packed.baseAddress else { return }
        fovea_image_resample_column(
          output, taps, weights + y * table.taps, packed + y * packedStride, Int32(count), bytes, isa)
      }
    }
  }
}
