import CKernels
import Frames

/// Rows of a picture of any format as R'G'B' bytes, already resampled along the row.
///
/// Rows are made four at a time, as they are asked for, in order; a ring keeps as many as one vertical filter spans.
final class RGBRows {
  private let converter: any RowConverter
  private let filter: RowFilter
  private let isa: fovea_isa
  private let rows: Range<Int>
  private let capacity: Int
  /// Four rows before resampling, as the kernels lay them out.
  private let strip: UnsafeMutablePointer<UInt8>
  private let ring: UnsafeMutablePointer<UInt8>
  /// The next row that the ring has not seen.
  private var nextRow = 0

  /// Bytes of a resampled row: four for each pixel, and zeros up to a multiple of 64.
  let rowBytes: Int

  /// Rows `rows` of `format`, resampled by `filter`; the last `span` rows stay available.
  init(_ format: FrameFormat, filter: RowFilter, rows: Range<Int>, span: Int, isa: fovea_isa) {
    (self.filter, self.rows, self.isa) = (filter, rows, isa)
    converter = makeRowConverter(format, columns: filter.columns, isa: isa)
    rowBytes = (4 * Int(filter.kernel.count) + 63) & ~63
    capacity = (span + 6) & ~3
    let stripBytes = 64 * ((filter.columns.count + 3) / 4)
    strip = .allocate(capacity: stripBytes)
    strip.initialize(repeating: 0, count: stripBytes)
    ring = .allocate(capacity: capacity * rowBytes)
    ring.initialize(repeating: 0, count: capacity * rowBytes)
  }

  deinit {
    strip.deallocate()
    ring.deallocate()
  }

  /// Forgets the rows of the previous picture.
  func begin() {
    nextRow = rows.lowerBound
    converter.begin()
  }

  /// Row `y`, one of the last `span` rows or a later one.
  func row(_ y: Int, of planes: Planes) -> UnsafePointer<UInt8> {
    while nextRow <= y { resample(planes) }
    return UnsafePointer(ring + slot(y) * rowBytes)
  }

  private func slot(_ y: Int) -> Int { (y - rows.lowerBound) % capacity }

  /// The next four rows; beyond the last one the strip keeps what it held.
  private func resample(_ planes: Planes) {
    for lane in 0..<min(4, rows.upperBound - nextRow) { converter.convert(nextRow + lane, planes, strip + 16 * lane) }
    withUnsafePointer(to: filter.kernel) {
      fovea_image_resample_rows(ring + slot(nextRow) * rowBytes, rowBytes, strip, $0, isa)
    }
    nextRow += 4
  }
}

/// Turns rows of a picture into R'G'B', a run of columns of each.
protocol RowConverter: AnyObject {
  /// Forgets the rows of the previous picture.
  func begin()

  /// Row `y` into a row of a strip (see fovea_image.h), which begins at `strip`. Rows come in order.
  func convert(_ y: Int, _ planes: Planes, _ strip: UnsafeMutablePointer<UInt8>)
}

/// The converter for pictures of a format. The first column is a multiple of four.
func makeRowConverter(_ format: FrameFormat, columns: Range<Int>, isa: fovea_isa) -> any RowConverter {
  ByteYUVRows(format, columns: columns, isa: isa) ?? SampleRows(format, columns: columns, isa: isa)
}

/// Where the samples of a component lie from a certain column on. Found once: it is asked for row by row.
struct ComponentColumns {
  /// Bytes from one sample to the next.
  let step: Int
  private let plane: Int, offset: Int

  /// Component `c` from the sample on that is at or before the picture's column `x`.
  init(_ pixel: PixelFormat, _ c: Int, from x: Int) {
    let component = pixel.components[c]
    (plane, step) = (component.plane, component.step)
    offset = component.offset + (pixel.isChroma(c) ? x >> pixel.log2ChromaWidth : x) * component.step
  }

  /// The first of these samples in row `y` of the component's own.
  func row(_ y: Int, _ planes: Planes) -> UnsafePointer<UInt8> {
    let (base, stride) = planes[plane]
    guard let base else { preconditionFailure("a frame without memory") }
    return UnsafePointer((base + y * stride + offset).assumingMemoryBound(to: UInt8.self))
  }
}
