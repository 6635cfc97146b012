import CKernels
import Frames

/// Turns rows of a picture into R'G'B', a run of columns of each.
protocol RowConverter: AnyObject {
  /// Forgets the rows of the previous picture.
  func begin()

  /// These rows will be converted next: their memory, which the decoder wrote on another core, is asked for.
  func prefetch(_ rows: Range<Int>, _ planes: Planes)

  /// Row `y` into a row of a strip (see fovea_image.h), which begins at `strip`. Rows come in order.
  func convert(_ y: Int, _ planes: Planes, _ strip: UnsafeMutablePointer<UInt8>)
}

/// The converter for pictures of a format. The first column is a multiple of four.
func makeRowConverter(_ format: FrameFormat, columns: Range<Int>, isa: fovea_isa) -> any RowConverter {
  ByteYUVRows(format, columns: columns, isa: isa) ?? SampleRows(format, columns: columns, isa: isa)
}

extension Planes {
  /// The first sample at or before column `x` of a component, in the component's own row `y`.
  func sample(_ pixel: PixelFormat, _ c: Int, x: Int, y: Int) -> UnsafePointer<UInt8> {
    let component = pixel.components[c]
    let (base, stride) = self[component.plane]
    guard let base else { preconditionFailure("a frame without memory") }
    let column = pixel.isChroma(c) ? x >> pixel.log2ChromaWidth : x
    return UnsafePointer(
      (base + y * stride + component.offset + column * component.step).assumingMemoryBound(to: UInt8.self))
  }
}
