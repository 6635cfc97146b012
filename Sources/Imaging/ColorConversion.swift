import Frames

/// The two directions between a format's samples and R'G'B' 0…255, from the frame's own colour description.
///
/// Matrix: ITU-T H.273 code points 1 (BT.709), 4 (FCC), 5 and 6 (BT.601), 7 (SMPTE 240M), 9 and 10 (BT.2020); anything
/// else is BT.601, whatever the size: what FFmpeg, OpenCV and JPEG do, so that a network sees the colours that it would see
/// there. Range: limited for YUV and full for RGB and
/// grey when unspecified; formats named `yuvj…` are full.
package struct ColorConversion: Hashable, Sendable {
  package let kr: Double, kb: Double
  package let isFullRange: Bool
  private let isRGB: Bool, isGray: Bool

  package init(_ format: FrameFormat) {
    let pixel = format.pixelFormat
    (isRGB, isGray) = (pixel.isRGB, !pixel.isRGB && pixel.colorCount < 3)
    (kr, kb) = Self.lumaWeights(matrix: format.color.matrix)
    isFullRange =
      switch format.color.range {
      case .full: true
      case .limited: false
      case .unspecified: isRGB || isGray || pixel.name.hasPrefix("yuvj")
      }
  }

  /// (Kr, Kb) of ITU-R BT.601 (table 1), BT.709 (item 3.2), BT.2020 (table 4), and the older ones of H.273 table 4.
  private static func lumaWeights(matrix: Int) -> (Double, Double) {
    switch matrix {
    case 1: (0.2126, 0.0722)
    case 4: (0.30, 0.11)
    case 5, 6: (0.299, 0.114)
    case 7: (0.212, 0.087)
    case 9, 10: (0.2627, 0.0593)
    default: (0.299, 0.114)
    }
  }

  /// Offset and span of luma (or of R, G, B), and half span of chroma, in units of an 8-bit sample step at this depth:
  /// a sample divided by 2^(depth-8).
  private func scales(depth: Int) -> (offset: Double, span: Double, chromaSpan: Double) {
    guard isFullRange else { return (16, 219, 224) }
    let full = Double((1 << depth) - 1) / Double(1 << depth) * 256
    return (0, full, full)
  }

  /// 3 rows of 4: (R, G, B) 0…255 = matrix · (c0, c1, c2, 1), where c is a sample divided by 2^(depth-8).
  package func toRGB(depth: Int) -> [Double] {
    let (offset, span, chromaSpan) = scales(depth: depth)
    let gain = 255 / span
    let bias = -offset * gain
    if isRGB { return [gain, 0, 0, bias, 0, gain, 0, bias, 0, 0, gain, bias] }
    if isGray { return [gain, 0, 0, bias, gain, 0, 0, bias, gain, 0, 0, bias] }
    let kg = 1 - kr - kb
    let chroma = 255 / chromaSpan
    let (rv, bu) = (2 * (1 - kr) * chroma, 2 * (1 - kb) * chroma)
    let (gu, gv) = (-2 * (1 - kb) * kb / kg * chroma, -2 * (1 - kr) * kr / kg * chroma)
    return [
      gain, 0, rv, bias - 128 * rv,
      gain, gu, gv, bias - 128 * (gu + gv),
      gain, bu, 0, bias - 128 * bu,
    ]
  }

  /// 3 rows of 4: samples (integers of `depth` bits once rounded) = matrix · (R, G, B, 1) with R, G, B in 0…255.
  package func fromRGB(depth: Int) -> [Double] {
    let (offset, span, chromaSpan) = scales(depth: depth)
    let unit = Double(1 << depth) / 256
    let gain = span / 255 * unit
    let bias = offset * unit
    if isRGB { return [gain, 0, 0, bias, 0, gain, 0, bias, 0, 0, gain, bias] }
    let kg = 1 - kr - kb
    let luma = [kr * gain, kg * gain, kb * gain, bias]
    if isGray { return luma + luma + luma }
    let (u, v) = (chromaSpan / 255 * unit / (2 * (1 - kb)), chromaSpan / 255 * unit / (2 * (1 - kr)))
    return luma + [-kr * u, -kg * u, (1 - kb) * u, 128 * unit, (1 - kr) * v, -kg * v, -kb * v, 128 * unit]
  }
}
