import CKernels
import Frames

/// Chroma of JPEG pictures at luma's resolution: libjpeg's "fancy upsampling", the same bytes.
///
/// JPEG (JFIF) sites a chroma sample in the centre of the luma samples that share it. So a luma sample's chroma is 3/4 of the
/// nearer sample and 1/4 of the next, along each axis on which chroma is subsampled.
final class TriangleChroma {
  private let pixel: PixelFormat
  private let chromaWidth: Int, chromaHeight: Int
  private let isa: fovea_isa
  /// A row of U, then one of V.
  private let samples: UnsafeMutablePointer<UInt8>

  /// Nil when chroma is not what JPEG's 4:2:0 or 4:2:2 has; libjpeg repeats the samples of rows of one or two.
  init?(_ format: FrameFormat, isa: fovea_isa) {
    let pixel = format.pixelFormat
    let centre = 2  // AVCHROMA_LOC_CENTER
    let isFull = ColorConversion(format).isFullRange
    guard isFull, format.color.chromaLocation == centre, pixel.log2ChromaWidth == 1, pixel.log2ChromaHeight <= 1,
      pixel.components[1].step == 1, pixel.width(ofComponent: 1, in: format.width) > 2
    else { return nil }
    (self.pixel, self.isa) = (pixel, isa)
    chromaWidth = pixel.width(ofComponent: 1, in: format.width)
    chromaHeight = pixel.height(ofComponent: 1, in: format.height)
    samples = .allocate(capacity: 4 * chromaWidth)
    samples.initialize(repeating: 0, count: 4 * chromaWidth)
  }

  deinit { samples.deallocate() }

  /// U and V of luma row `y`.
  func rows(_ y: Int, _ planes: Planes) -> (u: UnsafePointer<UInt8>, v: UnsafePointer<UInt8>) {
    for c in 1...2 { makeRow(c, y, planes, samples + (c - 1) * 2 * chromaWidth) }
    return (UnsafePointer(samples), UnsafePointer(samples + 2 * chromaWidth))
  }

  private func makeRow(_ c: Int, _ y: Int, _ planes: Planes, _ output: UnsafeMutablePointer<UInt8>) {
    let count = Int32(chromaWidth)
    if pixel.log2ChromaHeight == 0 {
      return fovea_image_triangle_h2v1(output, ComponentColumns(pixel, c, from: 0).row(y, planes), count, isa)
    }
    let near = y / 2
    let far = min(max(y % 2 == 0 ? near - 1 : near + 1, 0), chromaHeight - 1)
    let component = ComponentColumns(pixel, c, from: 0)
    fovea_image_triangle_h2v2(output, component.row(near, planes), component.row(far, planes), count, isa)
  }
}
