import CKernels
import Frames

/// Rows of any format: samples of any depth and spacing become fixed point, and R'G'B' in floating point.
final class SampleRows: RowConverter {
  private let pixel: PixelFormat
  private let matrix: [Float]
  private let columns: Range<Int>
  private let isa: fovea_isa
  /// The samples of one row, each component apart, as fixed point.
  private let samples: UnsafeMutablePointer<Int16>
  /// The chroma row whose samples are unpacked.
  private var chromaRow = -1

  init(_ format: FrameFormat, columns: Range<Int>, isa: fovea_isa) {
    (pixel, self.columns, self.isa) = (format.pixelFormat, columns, isa)
    matrix = Self.matrix(format)
    samples = .allocate(capacity: 3 * columns.count)
    samples.initialize(repeating: 0, count: 3 * columns.count)
  }

  deinit { samples.deallocate() }

  func begin() { chromaRow = -1 }

  func convert(_ y: Int, _ planes: Planes, _ strip: UnsafeMutablePointer<UInt8>) {
    unpack(0, y, planes)
    let hasColor = pixel.colorCount == 3
    let isSubsampled = hasColor && pixel.isChroma(1)
    if hasColor {
      let chroma = isSubsampled ? y >> pixel.log2ChromaHeight : y
      if chroma != chromaRow {
        for c in 1...2 { unpack(c, chroma, planes) }
        chromaRow = chroma
      }
    }
    let second = hasColor ? samples + columns.count : samples
    let third = hasColor ? samples + 2 * columns.count : samples
    let shift = isSubsampled ? pixel.log2ChromaWidth : 0
    fovea_image_to_rgb(strip, samples, second, third, Int32(shift), matrix, Int32(columns.count), isa)
  }

  private func unpack(_ c: Int, _ row: Int, _ planes: Planes) {
    let component = pixel.components[c]
    let shift = pixel.isChroma(c) ? pixel.log2ChromaWidth : 0
    let count = (columns.upperBound - 1) >> shift - columns.lowerBound >> shift + 1
    fovea_image_unpack(
      samples + c * columns.count, ComponentColumns(pixel, c, from: columns.lowerBound).row(row, planes),
      Int32(component.step),
      Int32(component.shift), Int32(component.depth), Int32(count), isa)
  }

  /// Fixed-point samples to R'G'B' 0…255, 3 rows of 4.
  private static func matrix(_ format: FrameFormat) -> [Float] {
    let conversion = ColorConversion(format)
    return (0..<3).flatMap { row in
      (0..<4).map { column in
        let component = min(column, format.pixelFormat.colorCount - 1)
        let depth = format.pixelFormat.components[component].depth
        let value = conversion.toRGB(depth: depth)[row * 4 + column]
        // Fixed point is 128 times the 8-bit value, whatever the depth. Offsets follow the row's own component.
        return Float(column < 3 ? value / 128 : conversion.toRGB(depth: depthOfRow(row, format))[row * 4 + 3])
      }
    }
  }

  private static func depthOfRow(_ row: Int, _ format: FrameFormat) -> Int {
    format.pixelFormat.components[format.pixelFormat.isRGB ? row : 0].depth
  }
}
