import CKernels
import Frames

/// Rows of one 8-bit component of a picture at another size: the antialiased triangle filter, down the columns first. One thread
/// at a time; nothing is allocated per picture.
final class ComponentScaler {
  /// Bytes of a row.
  let width: Int
  private let isa: fovea_isa
  private let component: PixelComponent
  private let inputWidth: Int
  /// Bytes of a row of the plane up to the component's last sample.
  private let bytes: Int
  /// Nil where the size along that axis stays.
  private let vertical: ColumnFilter?
  private let horizontal: ByteTaps?
  private let mixed: UnsafeMutablePointer<UInt8>, samples: UnsafeMutablePointer<UInt8>
  private let output: UnsafeMutablePointer<UInt8>

  /// Component `c` of pictures of this format, as `width` times `height` samples; `scale` is how far one of them reaches, in
  /// samples of the component's own.
  init(
    _ format: FrameFormat, _ c: Int, width: Int, height: Int, scale: (x: Double, y: Double), isa: fovea_isa
  ) {
    let pixel = format.pixelFormat
    (self.width, self.isa, component) = (width, isa, pixel.components[c])
    inputWidth = pixel.width(ofComponent: c, in: format.width)
    let rows = pixel.height(ofComponent: c, in: format.height)
    bytes = (inputWidth - 1) * component.step + component.offset + 1
    vertical =
      scale.y == 1 && rows == height
      ? nil
      : ColumnFilter(ResampleTable(inputSize: rows, scale: scale.y, outputs: 0..<height, alignment: 1), isa: isa)
    horizontal =
      scale.x == 1 && inputWidth == width
      ? nil : ByteTaps(ResampleTable(inputSize: inputWidth, scale: scale.x, outputs: 0..<width, alignment: 1))
    func memory(_ count: Int) -> UnsafeMutablePointer<UInt8> {
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
      memory.initialize(repeating: 0, count: count)
      return memory
    }
    let slack = horizontal?.slack ?? 0
    (mixed, samples, output) = (memory(bytes + slack), memory(inputWidth + slack), memory(width + 8))
  }

  deinit {
    mixed.deallocate()
    samples.deallocate()
    output.deallocate()
  }

  /// Row `y`: the picture's own where nothing has to be done, else memory that the next call writes again.
  func row(_ y: Int, of planes: Planes) -> UnsafePointer<UInt8> {
    let (base, stride) = planes[component.plane]
    guard let base = base?.assumingMemoryBound(to: UInt8.self) else { preconditionFailure("a frame without memory") }
    var row = UnsafePointer(base + y * stride)
    if let vertical {
      vertical.mix(y, into: mixed, bytes: bytes) { UnsafePointer(base + $0 * stride) }
      row = UnsafePointer(mixed)
    }
    row += component.offset
    if component.step > 1 {
      fovea_image_pick(samples, row, Int32(component.step), Int32(inputWidth), isa)
      row = UnsafePointer(samples)
    }
    guard let horizontal else { return row }
    if row == base + y * stride + component.offset {
      // The filter reads beyond the last sample, where the picture's memory may end.
      samples.update(from: row, count: inputWidth)
      row = UnsafePointer(samples)
    }
    withUnsafePointer(to: horizontal.kernel) { fovea_image_scale(output, row, $0, isa) }
    return UnsafePointer(output)
  }
}
