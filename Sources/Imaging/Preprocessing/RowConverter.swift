import CKernels
import Frames

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
