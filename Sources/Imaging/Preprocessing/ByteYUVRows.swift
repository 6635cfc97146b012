import CKernels
import Frames

/// Rows of 8-bit Y'CbCr with luma in a plane of its own, in integers: what most video and JPEG pictures are.
///
/// A chroma sample stands for the block of luma samples that share it; in JPEG pictures it is interpolated as libjpeg does.
final class ByteYUVRows: RowConverter {
  private let luma: ComponentColumns, u: ComponentColumns, v: ComponentColumns
  private let log2Width: Int, log2Height: Int
  private let matrix: [Int32]
  private let columns: Range<Int>
  private let isa: fovea_isa
  private let triangle: TriangleChroma?
  /// Chroma's part in R, G and B, a row of each.
  private let terms: UnsafeMutablePointer<Int32>
  private let stride: Int
  /// The chroma row whose terms are at hand.
  private var chromaRow = -1

  /// Nil when the format is of another kind.
  init?(_ format: FrameFormat, columns: Range<Int>, isa: fovea_isa) {
    let parts = format.pixelFormat.components
    guard !format.pixelFormat.isRGB, format.pixelFormat.colorCount == 3, parts[0].step == 1,
      parts[1].step == parts[2].step, parts[..<3].allSatisfy({ $0.depth == 8 && $0.shift == 0 })
    else { return nil }
    (self.columns, self.isa) = (columns, isa)
    let pixel = format.pixelFormat
    luma = ComponentColumns(pixel, 0, from: columns.lowerBound)
    u = ComponentColumns(pixel, 1, from: columns.lowerBound)
    v = ComponentColumns(pixel, 2, from: columns.lowerBound)
    (log2Width, log2Height) = (pixel.log2ChromaWidth, pixel.log2ChromaHeight)
    let unit = Double(1 << FOVEA_COLOR_FRACTION)
    matrix = ColorConversion(format).toRGB(depth: 8).enumerated().map { index, value in
      Int32((value * unit + (index % 4 == 3 ? unit / 2 : 0)).rounded())
    }
    triangle = TriangleChroma(format, isa: isa)
    stride = (columns.count + 15) & ~15
    terms = .allocate(capacity: 3 * stride)
    terms.initialize(repeating: 0, count: 3 * stride)
  }

  deinit { terms.deallocate() }

  func begin() { chromaRow = -1 }

  func convert(_ y: Int, _ planes: Planes, _ strip: UnsafeMutablePointer<UInt8>) {
    if let triangle {
      let (u, v) = triangle.rows(y, planes)
      makeTerms(u + columns.lowerBound, v + columns.lowerBound, step: 1, shift: 0)
    } else if y >> log2Height != chromaRow {
      chromaRow = y >> log2Height
      makeTerms(u.row(chromaRow, planes), v.row(chromaRow, planes), step: u.step, shift: log2Width)
      let bytes = Int32(columns.count >> log2Width * u.step)
      for component in [u, v] { fovea_image_fetch(component.row(chromaRow + 2, planes), bytes) }
    }
    // The pieces of rows are short and far apart, so the hardware does not prefetch them. This asks for the row that is
    // converted four rows later.
    fovea_image_fetch(luma.row(y + 4, planes), Int32(columns.count))
    fovea_image_luma_to_rgb(strip, luma.row(y, planes), terms, stride, matrix[0], Int32(columns.count), isa)
  }

  private func makeTerms(_ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>, step: Int, shift: Int) {
    let count = (columns.count - 1) >> shift + 1  // the first column begins a chroma sample
    fovea_image_chroma_terms(terms, stride, u, v, Int32(step), Int32(shift), matrix, Int32(count), isa)
  }
}
