import CKernels
import Frames

/// What a JPEG is made of: Y'CbCr of BT.601 in full range, chroma of half the width and height, at the middle of its pixels.
enum JPEGPlanes {
  /// The format of such a picture.
  static func format(_ width: Int, _ height: Int) -> FrameFormat {
    FrameFormat(
      pixelFormat: .yuv420p, width: width, height: height,
      color: ColorDescription(range: .full, matrix: 5, primaries: 1, transfer: 1, chromaLocation: 2))
  }

  /// True when pictures of this format need no conversion.
  static func areThere(_ format: FrameFormat) -> Bool {
    let conversion = ColorConversion(format)
    return format.pixelFormat.components == PixelFormat.yuv420p.components && format.pixelFormat.log2ChromaWidth == 1
      && format.pixelFormat.log2ChromaHeight == 1 && !format.pixelFormat.isRGB && conversion.isFullRange
      && conversion.kr == 0.299 && conversion.kb == 0.114
  }
}

/// Makes JPEG's planes of frames of one format, at a size of their own. One thread at a time.
protocol JPEGPlaneMaker: AnyObject {
  /// Fills a frame of `JPEGPlanes.format`.
  func fill(_ output: Frame, from frame: Frame)
}

/// From 8-bit Y'CbCr or grey, sample by sample: resampled, then range and matrix changed; what stays the same is copied.
final class JPEGPlanesOfYUV: JPEGPlaneMaker {
  private let width: Int, height: Int
  private let isa: fovea_isa
  private let luma: ComponentScaler
  /// U and V; none in grey.
  private let chroma: [ComponentScaler]
  /// Rows of 4 and of 3 for the kernels; nil where range and matrix are JPEG's.
  private let lumaMatrix: [Int32]?
  private let chromaMatrix: [Int32]

  /// Nil when the format is of another kind.
  init?(_ format: FrameFormat, width: Int, height: Int, isa: fovea_isa) {
    let pixel = format.pixelFormat
    let parts = pixel.components.prefix(pixel.colorCount)
    guard !pixel.isRGB, parts.count == 1 || parts.count == 3, parts.allSatisfy({ $0.depth == 8 && $0.shift == 0 })
    else { return nil }
    (self.width, self.height, self.isa) = (width, height, isa)
    let scale = (x: Double(format.width) / Double(width), y: Double(format.height) / Double(height))
    luma = ComponentScaler(format, 0, width: width, height: height, scale: scale, isa: isa)
    let ratio = (
      x: 2 * scale.x / Double(1 << pixel.log2ChromaWidth), y: 2 * scale.y / Double(1 << pixel.log2ChromaHeight)
    )
    chroma = (1..<max(1, parts.count)).map {
      ComponentScaler(format, $0, width: (width + 1) / 2, height: (height + 1) / 2, scale: ratio, isa: isa)
    }
    let matrix = Self.matrix(format)
    let unit = Double(1 << FOVEA_COLOR_FRACTION)
    func fixed(_ index: Int, isBias: Bool = false) -> Int32 {
      Int32((matrix[index] * unit + (isBias ? unit / 2 : 0)).rounded())
    }
    let isSame = JPEGPlanes.areThere(Self.as420(format)) || parts.count == 1 && matrix[0] == 1 && matrix[3] == 0
    lumaMatrix = isSame ? nil : [fixed(0), fixed(1), fixed(2), fixed(3, isBias: true)]
    chromaMatrix = [fixed(5), fixed(6), fixed(7, isBias: true), fixed(9), fixed(10), fixed(11, isBias: true)]
  }

  func fill(_ output: Frame, from frame: Frame) {
    let planes = frame.planes
    for (index, scaler) in chroma.enumerated() {
      for y in 0..<(height + 1) / 2 {
        Self.row(output, index + 1, y).update(from: scaler.row(y, of: planes), count: scaler.width)
      }
    }
    if chroma.isEmpty { for c in 1...2 { fillGrey(output, c) } }
    for y in 0..<height {
      let (row, samples) = (Self.row(output, 0, y), luma.row(y, of: planes))
      guard let lumaMatrix else {
        row.update(from: samples, count: width)
        continue
      }
      fovea_image_recode_luma(
        row, samples, Self.row(output, 1, y / 2), Self.row(output, 2, y / 2), lumaMatrix, Int32(width), isa)
    }
    guard lumaMatrix != nil, !chroma.isEmpty else { return }
    for y in 0..<(height + 1) / 2 {
      fovea_image_recode_chroma(
        Self.row(output, 1, y), Self.row(output, 2, y), chromaMatrix, Int32((width + 1) / 2), isa)
    }
  }

  private func fillGrey(_ output: Frame, _ c: Int) {
    for y in 0..<(height + 1) / 2 { Self.row(output, c, y).update(repeating: 128, count: (width + 1) / 2) }
  }

  private static func row(_ frame: Frame, _ plane: Int, _ y: Int) -> UnsafeMutablePointer<UInt8> {
    let (base, stride) = frame.planes[plane]
    guard let base else { preconditionFailure("a frame without memory") }
    return (base + y * stride).assumingMemoryBound(to: UInt8.self)
  }

  /// The same colours in JPEG's arrangement of samples.
  private static func as420(_ format: FrameFormat) -> FrameFormat {
    var other = format
    if format.pixelFormat.colorCount == 3 { other.pixelFormat = .yuv420p }
    // The names of some formats imply the range.
    if ColorConversion(format).isFullRange { other.color.range = .full }
    return other
  }

  /// Samples of the format to JPEG's, 3 rows of 4: through R'G'B'. Neither chroma row depends on luma.
  private static func matrix(_ format: FrameFormat) -> [Double] {
    let (to, from) = (
      ColorConversion(format).toRGB(depth: 8), ColorConversion(JPEGPlanes.format(2, 2)).fromRGB(depth: 8)
    )
    return (0..<12).map { index in
      let (row, column) = (index / 4, index % 4)
      let sum = (0..<3).reduce(0.0) { $0 + from[row * 4 + $1] * to[$1 * 4 + column] }
      return sum + (column == 3 ? from[row * 4 + 3] : 0)
    }
  }
}

/// From any other format: by way of R'G'B'.
final class JPEGPlanesOfRGB: JPEGPlaneMaker {
  private let scaled: ScaledPicture
  private let matrix: [Float]

  /// Throws for formats that a network could not see either.
  init(_ format: FrameFormat, width: Int, height: Int) throws {
    scaled = try ScaledPicture(format, width, height)
    matrix = ColorConversion(JPEGPlanes.format(2, 2)).fromRGB(depth: 8).map { Float($0) }
  }

  func fill(_ output: Frame, from frame: Frame) {
    scaled.fill(frame)
    guard let base = scaled.planes.view.floats.baseAddress else { return }
    let (width, height) = (scaled.width, scaled.height)
    func row(_ plane: Int, _ y: Int) -> UnsafeMutablePointer<UInt8>? {
      let (base, stride) = output.planes[plane]
      return y < height ? base.map { ($0 + y * stride).assumingMemoryBound(to: UInt8.self) } : nil
    }
    for y in stride(from: 0, to: height, by: 2) {
      let (upper, lower) = (
        [0, 1, 2].map { UnsafePointer(base + ($0 * height + y) * width) as UnsafePointer<Float>? },
        [0, 1, 2].map { UnsafePointer(base + ($0 * height + min(y + 1, height - 1)) * width) as UnsafePointer<Float>? }
      )
      fovea_image_rgb_to_420(
        [row(0, y), row(0, y + 1)], row(1, y / 2), row(2, y / 2), upper, lower, matrix, Int32(width))
    }
  }
}
