import CKernels

/// The filter along rows as its kernel takes it: the table of weights at fixed addresses, in groups of four.
final class RowFilter {
  /// What `fovea_image_resample_rows` takes; valid as long as this object lives.
  let kernel: fovea_image_filter
  /// The input columns that the filter reads; the first is a multiple of four.
  let columns: Range<Int>
  private let numbers: UnsafeMutablePointer<Int32>
  private let packed: UnsafeMutableRawPointer

  init(_ table: ResampleTable, isa: fovea_isa) {
    columns = table.inputRange
    let outputs = table.start.count
    let count = (outputs + 3) & ~3  // the kernel's filters beyond the last have no taps
    let first = Int32(table.inputRange.lowerBound)
    var values = table.start.map { $0 - first } + [Int32](repeating: 0, count: count - outputs)
    values += table.counts.map { Int32(($0 + 3) / 4) } + [Int32](repeating: 0, count: count - outputs)
    values += table.weights + [Int32](repeating: 0, count: (count - outputs) * table.taps)
    numbers = .allocate(capacity: values.count)
    numbers.initialize(from: values, count: values.count)
    let weights = numbers + 2 * count
    let bytes = fovea_image_filter_bytes(Int32(table.taps), Int32(count), isa)
    packed = .allocate(byteCount: max(bytes, 1), alignment: 64)
    fovea_image_filter_pack(packed, weights, Int32(table.taps), Int32(count), isa)
    kernel = fovea_image_filter(
      start: numbers, quads: numbers + count, weights: weights, packed: packed, taps: Int32(table.taps),
      count: Int32(count))
  }

  deinit {
    numbers.deallocate()
    packed.deallocate()
  }
}
