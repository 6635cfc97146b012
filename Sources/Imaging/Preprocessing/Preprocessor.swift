import CKernels
import Frames
import Telemetry
import Tensors

/// Turns frames of one format into a network's input, [1, C, H, W] row-major float32.
///
/// The picture becomes R'G'B' bytes (ITU-T H.273, rounded; a chroma sample stands for the block of luma samples that share
/// it, or is interpolated as libjpeg does where the picture is a JPEG), which are resampled with the arithmetic of
/// Pillow's antialiased filters: the same bytes. Only the part that the network sees is computed. Alpha is ignored, as Pillow's `convert("RGB")` does. Pictures with non-square
/// pixels are scaled as they would be displayed. Nothing is allocated per frame. Used by one thread at a time.
package final class Preprocessor {
  /// The part of the picture that the network sees, in picture pixels; all of it for `.squash` and `.pad`.
  package let crop: Rect
  /// Where the network's input lies on the picture, padding included.
  package let placement: InputPlacement
  private let format: FrameFormat
  private let transform: InputTransform
  private let source: RGBRows
  private let vertical: ColumnFilter
  private let row: UnsafeMutablePointer<UInt8>
  private let mix: [Float]
  private let isa: fovea_isa
  /// The columns and rows of the input that the picture covers.
  private let columns: Range<Int>
  private let lines: Range<Int>

  /// Tables for frames of this format. Throws when the format or the transform makes no sense.
  package convenience init(format: FrameFormat, transform: InputTransform) throws {
    try self.init(format: format, transform: transform, isa: fovea_isa_default())
  }

  /// The same with kernels of a chosen instruction set.
  init(format: FrameFormat, transform: InputTransform, isa: fovea_isa) throws {
    try Self.check(format, transform)
    (self.format, self.transform, self.isa) = (format, transform, isa)
    let geometry = FitGeometry(format, transform)
    let columns = max(0, geometry.offsetX)..<min(transform.width, geometry.offsetX + geometry.scaledWidth)
    let lines = max(0, geometry.offsetY)..<min(transform.height, geometry.offsetY + geometry.scaledHeight)
    (self.columns, self.lines) = (columns, lines)
    let alongRow = ResampleTable(
      inputSize: format.width, outputSize: geometry.scaledWidth, outputs: columns.shifted(by: -geometry.offsetX),
      alignment: 4, filter: transform.interpolation)
    let alongColumn = ResampleTable(
      inputSize: format.height, outputSize: geometry.scaledHeight, outputs: lines.shifted(by: -geometry.offsetY),
      filter: transform.interpolation)
    vertical = ColumnFilter(alongColumn, isa: isa)
    source = RGBRows(
      format, filter: RowFilter(alongRow, isa: isa), rows: vertical.rows, span: vertical.span, isa: isa)
    row = .allocate(capacity: source.rowBytes)
    row.initialize(repeating: 0, count: source.rowBytes)
    mix = Self.mix(transform)
    crop = Self.visible(geometry, format, columns, lines)
    placement = geometry.placement(on: format, transform)
  }

  deinit { row.deallocate() }

  /// Fills a tensor of [1, C, H, W] floats from a frame, which must have the format of `init`.
  package func fill(_ frame: Frame, into tensor: UnsafeMutablePointer<Float>) {
    precondition(
      frame.format.pixelFormat == format.pixelFormat && frame.format.width == format.width
        && frame.format.height == format.height, "a frame of another format")
    let planeCount = transform.color == .gray ? 1 : 3
    let plane = transform.width * transform.height
    if columns.count < transform.width || lines.count < transform.height {
      tensor.update(repeating: 0, count: planeCount * plane)  // the mean colour, once normalised
    }
    source.begin()
    let planes = frame.planes
    for y in lines {
      vertical.mix(y - lines.lowerBound, into: row, bytes: source.rowBytes) { source.row($0, of: planes) }
      normalise(planeCount, tensor + y * transform.width + columns.lowerBound, plane)
    }
  }

  /// The row at hand, normalised, to the planes of the tensor.
  private func normalise(_ planeCount: Int, _ output: UnsafeMutablePointer<Float>, _ plane: Int) {
    var outputs: (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) = (
      output, planeCount > 1 ? output + plane : nil, planeCount > 1 ? output + 2 * plane : nil
    )
    withUnsafePointer(to: &outputs) {
      $0.withMemoryRebound(to: UnsafeMutablePointer<Float>?.self, capacity: 3) { pointers in
        fovea_image_normalise(pointers, Int32(planeCount), row, mix, Int32(columns.count), isa)
      }
    }
  }
}

extension Preprocessor {
  private static func check(_ format: FrameFormat, _ transform: InputTransform) throws {
    let pixel = format.pixelFormat
    guard format.width > 0, format.height > 0, format.width <= 1 << 16, format.height <= 1 << 16 else {
      throw UserError("A picture of \(format.width)x\(format.height) pixels cannot be analysed.")
    }
    let isKnown = pixel.components.allSatisfy {
      (1...16).contains($0.depth) && $0.shift >= 0 && $0.shift + $0.depth <= 16 && $0.step > 0 && $0.offset >= 0
        && (0..<4).contains($0.plane)
    }
    guard isKnown, pixel.colorCount == 1 || pixel.colorCount == 3 else {
      throw UserError("Pictures in the pixel format \(pixel.name) cannot be analysed; convert them to yuv420p first.")
    }
    let planes = transform.color == .gray ? 1 : 3
    guard (1...16384).contains(transform.width), (1...16384).contains(transform.height) else {
      throw UserError("The model's input of \(transform.width)x\(transform.height) pixels is not a picture's size.")
    }
    guard transform.mean.count == planes, transform.std.count == planes, transform.std.allSatisfy({ $0 != 0 }) else {
      throw UserError(
        "The preprocessing needs \(planes) mean and \(planes) nonzero std values, one for each colour plane, "
          + "not \(transform.mean.count) and \(transform.std.count).")
    }
    if transform.fit == .crop, let short = transform.resizeTo {
      guard short >= max(transform.width, transform.height), short <= 1 << 15 else {
        throw UserError(
          "The preprocessing scales the shorter side to \(short) pixels, less than the model's input of "
            + "\(transform.width)x\(transform.height); choose a larger size or leave it out.")
      }
    }
  }

  /// R, G, B to normalised planes in the network's order. Grey is Pillow's `convert("L")`: BT.601's luma.
  private static func mix(_ transform: InputTransform) -> [Float] {
    let weights: [[Float]] =
      switch transform.color {
      case .rgb: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
      case .bgr: [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
      case .gray: [[0.299, 0.587, 0.114]]
      }
    return weights.enumerated().flatMap { plane, row in
      row.map { $0 * transform.scale / transform.std[plane] } + [-transform.mean[plane] / transform.std[plane]]
    }
  }

  /// The input's rectangle carried back to the picture.
  private static func visible(
    _ geometry: FitGeometry, _ format: FrameFormat, _ columns: Range<Int>, _ lines: Range<Int>
  ) -> Rect {
    func map(_ value: Int, _ offset: Int, _ scaled: Int, _ size: Int) -> Int {
      Int((Double(value - offset) * Double(size) / Double(scaled)).rounded())
    }
    let x = map(columns.lowerBound, geometry.offsetX, geometry.scaledWidth, format.width)
    let y = map(lines.lowerBound, geometry.offsetY, geometry.scaledHeight, format.height)
    let right = map(columns.upperBound, geometry.offsetX, geometry.scaledWidth, format.width)
    let bottom = map(lines.upperBound, geometry.offsetY, geometry.scaledHeight, format.height)
    return Rect(x: x, y: y, width: right - x, height: bottom - y)
  }
}

extension Range<Int> {
  /// The range `distance` further on.
  fileprivate func shifted(by distance: Int) -> Range { lowerBound + distance..<upperBound + distance }
}
