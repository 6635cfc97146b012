import CKernels
import Frames

/// Rows of a picture of any format as R'G'B' bytes, already resampled along the row.
///
/// Rows are asked for in order; a ring keeps as many as one vertical filter spans. A chroma sample stands for the block
/// of luma samples that share it.
final class RGBRows {
  private let pixel: PixelFormat
  private let matrix: [Float]
  private let table: ResampleTable
  private let columns: Range<Int>
  private let isa: fovea_isa
  private let capacity: Int
  private let starts: [Int32]
  /// The samples of one row, each component apart, as fixed point.
  private let samples: UnsafeMutablePointer<Int16>
  /// One row of pixels before resampling; the slack is what a padded filter may read.
  private let wide: UnsafeMutablePointer<UInt8>
  private let ring: UnsafeMutablePointer<UInt8>
  /// The next row that the ring has not seen, and the chroma row whose samples are unpacked.
  private var nextRow = 0
  private var chromaRow = -1

  /// Bytes of a resampled row: four for each pixel.
  let rowBytes: Int

  /// Rows of `format`, resampled by `table`; the last `capacity` rows stay available.
  init(_ format: FrameFormat, matrix: [Float], table: ResampleTable, capacity: Int, isa: fovea_isa) {
    (pixel, self.matrix, self.table, self.capacity, self.isa) = (format.pixelFormat, matrix, table, capacity, isa)
    columns = table.inputRange
    let first = Int32(columns.lowerBound)
    starts = table.start.map { $0 - first }
    rowBytes = 4 * table.start.count
    samples = .allocate(capacity: 3 * columns.count)
    samples.initialize(repeating: 0, count: 3 * columns.count)
    wide = .allocate(capacity: 4 * (columns.count + table.taps))
    wide.initialize(repeating: 0, count: 4 * (columns.count + table.taps))
    ring = .allocate(capacity: capacity * rowBytes)
    ring.initialize(repeating: 0, count: capacity * rowBytes)
  }

  deinit {
    samples.deallocate()
    wide.deallocate()
    ring.deallocate()
  }

  /// Forgets the rows of the previous picture; the next one begins at row `first`.
  func begin(at first: Int) { (nextRow, chromaRow) = (first, -1) }

  /// Row `y`, one of the last `capacity` rows or a later one.
  func row(_ y: Int, of planes: Planes) -> UnsafePointer<UInt8> {
    while nextRow <= y {
      resample(nextRow, planes)
      nextRow += 1
    }
    return UnsafePointer(ring + (y % capacity) * rowBytes)
  }

  private func resample(_ y: Int, _ planes: Planes) {
    unpack(0, y, planes)
    let hasColor = pixel.colorCount == 3
    if hasColor {
      let chroma = pixel.isChroma(1) ? y >> pixel.log2ChromaHeight : y
      if chroma != chromaRow {
        for c in 1...2 { unpack(c, chroma, planes) }
        chromaRow = chroma
      }
    }
    let second = hasColor ? samples + columns.count : samples
    let third = hasColor ? samples + 2 * columns.count : samples
    let shift = hasColor && pixel.isChroma(1) ? pixel.log2ChromaWidth : 0
    // Chroma is unpacked from the sample that the first column shares.
    let phase = columns.lowerBound & ((1 << shift) - 1)
    fovea_image_to_rgb(wide, samples, second, third, Int32(shift), Int32(phase), matrix, Int32(columns.count), isa)
    fovea_image_resample_row(
      ring + (y % capacity) * rowBytes, wide, starts, table.weights, Int32(table.taps), Int32(starts.count), isa)
  }

  private func unpack(_ c: Int, _ row: Int, _ planes: Planes) {
    let component = pixel.components[c]
    let (base, stride) = planes[component.plane]
    guard let base else { preconditionFailure("a frame without memory") }
    let shift = pixel.isChroma(c) ? pixel.log2ChromaWidth : 0
    let (first, last) = (columns.lowerBound >> shift, (columns.upperBound - 1) >> shift)
    let origin = base + row * stride + component.offset + first * component.step
    fovea_image_unpack(
      samples + c * columns.count, origin.assumingMemoryBound(to: UInt8.self), Int32(component.step),
      Int32(component.shift), Int32(component.depth), Int32(last - first + 1), isa)
  }
}
