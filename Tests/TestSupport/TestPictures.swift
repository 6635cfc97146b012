import Frames

/// Pictures by formula, in any pixel format.
package enum TestPictures {
  /// A triangle wave and hashed noise, 32…222; `preprocessing.py` has the same.
  package static func formula(_ x: Int, _ y: Int, _ c: Int) -> Int {
    var h = UInt64(x) &* 73_856_093 ^ UInt64(y) &* 19_349_663 ^ UInt64(c * 83_492_791)
    h &= 0xFFFF_FFFF
    h = ((h ^ (h >> 13)) &* 0x5BD1_E995) & 0xFFFF_FFFF
    let t = (x * 2 * (c + 1) + y * 3) % 256
    return 32 + (t < 128 ? t : 255 - t) + Int((h >> 24) & 63)
  }

  /// A frame whose component c has the 8-bit value `sample(x, y, c)` at its own resolution, scaled to its depth.
  package static func frame(_ format: FrameFormat, _ sample: (Int, Int, Int) -> Int) -> Frame {
    let frame = Frame.allocated(format)
    let pixel = format.pixelFormat
    let widen = pixel.isRGB || format.color.range == .full  // 255 is the largest number of any depth
    for (c, component) in pixel.components.enumerated() {
      for y in 0..<pixel.height(ofComponent: c, in: format.height) {
        for x in 0..<pixel.width(ofComponent: c, in: format.width) {
          let value = sample(x, y, c)
          let depth = component.depth
          let zero = pixel.isChroma(c) ? 128 : 0
          let unit = widen ? Double((1 << depth) - 1) / 255 : Double(1 << depth) / 256
          let exact = Double(value - zero) * unit + Double((zero << depth) >> 8)
          frame.write(Int(exact.rounded()), x, y, component)
        }
      }
    }
    return frame
  }

  /// The picture of `preprocessing.py`: R, G, B by formula, or Y, U, V kept inside the gamut.
  package static func standard(_ format: FrameFormat) -> Frame {
    let isRGB = format.pixelFormat.isRGB
    return frame(format) { x, y, c in
      let value = formula(x, y, c)
      if isRGB || c == 3 { return value }
      return c == 0 ? 70 + value / 2 : 96 + value / 4
    }
  }
}

extension Frame {
  /// The sample of a component, of `depth` bits.
  package func read(_ x: Int, _ y: Int, _ component: PixelComponent) -> Int {
    let (base, stride) = planes[component.plane]
    guard let at = base.map({ $0 + y * stride + x * component.step + component.offset }) else { return 0 }
    var word = Int(at.load(as: UInt8.self))
    if component.depth + component.shift > 8 { word |= Int((at + 1).load(as: UInt8.self)) << 8 }
    return word >> component.shift & ((1 << component.depth) - 1)
  }

  /// Sets the sample of a component, leaving the other bits of the word.
  package func write(_ value: Int, _ x: Int, _ y: Int, _ component: PixelComponent) {
    let (base, stride) = planes[component.plane]
    guard let at = base.map({ $0 + y * stride + x * component.step + component.offset }) else { return }
    let isWord = component.depth + component.shift > 8
    var word = Int(at.load(as: UInt8.self))
    if isWord { word |= Int((at + 1).load(as: UInt8.self)) << 8 }
    word = word & ~(((1 << component.depth) - 1) << component.shift) | value << component.shift
    at.storeBytes(of: UInt8(word & 255), as: UInt8.self)
    if isWord { (at + 1).storeBytes(of: UInt8(word >> 8), as: UInt8.self) }
  }
}

/// Pixel formats of every family, described as FFmpeg's `av_pix_fmt_descriptors` does.
package enum TestFormats {
  private static func make(
    _ name: String, _ parts: [(Int, Int, Int, Int, Int)], chroma: (Int, Int) = (0, 0), rgb: Bool = false,
    alpha: Bool = false
  ) -> PixelFormat {
    let components = parts.map { PixelComponent(plane: $0.0, step: $0.1, offset: $0.2, shift: $0.3, depth: $0.4) }
    return PixelFormat(
      name: name, components: components, log2ChromaWidth: chroma.0, log2ChromaHeight: chroma.1, isRGB: rgb,
      hasAlpha: alpha)
  }

  private static func planar(_ name: String, _ depth: Int, _ chroma: (Int, Int), alpha: Bool = false) -> PixelFormat {
    let step = depth > 8 ? 2 : 1
    return make(name, (0..<(alpha ? 4 : 3)).map { ($0, step, 0, 0, depth) }, chroma: chroma, alpha: alpha)
  }

  private static func packed(_ name: String, _ offsets: [Int], _ step: Int) -> PixelFormat {
    make(name, offsets.map { (0, step, $0, 0, 8) }, rgb: true, alpha: offsets.count == 4)
  }

  package static let yuv: [PixelFormat] = [
    .yuv420p, .yuv422p, .yuv444p, planar("yuv410p", 8, (2, 2)), planar("yuv411p", 8, (2, 0)),
    planar("yuv440p", 8, (0, 1)), planar("yuv420p10le", 10, (1, 1)), planar("yuv422p12le", 12, (1, 0)),
    planar("yuv444p16le", 16, (0, 0)), planar("yuv420p9le", 9, (1, 1)),
    planar("yuva420p", 8, (1, 1), alpha: true),
    make("nv12", [(0, 1, 0, 0, 8), (1, 2, 0, 0, 8), (1, 2, 1, 0, 8)], chroma: (1, 1)),
    make("nv21", [(0, 1, 0, 0, 8), (1, 2, 1, 0, 8), (1, 2, 0, 0, 8)], chroma: (1, 1)),
    make("p010le", [(0, 2, 0, 6, 10), (1, 4, 0, 6, 10), (1, 4, 2, 6, 10)], chroma: (1, 1)),
    make("yuyv422", [(0, 2, 0, 0, 8), (0, 4, 1, 0, 8), (0, 4, 3, 0, 8)], chroma: (1, 0)),
    make("uyvy422", [(0, 2, 1, 0, 8), (0, 4, 0, 0, 8), (0, 4, 2, 0, 8)], chroma: (1, 0)),
  ]

  package static let rgb: [PixelFormat] = [
    .rgb24, packed("bgr24", [2, 1, 0], 3), packed("rgba", [0, 1, 2, 3], 4), packed("bgra", [2, 1, 0, 3], 4),
    packed("argb", [1, 2, 3, 0], 4), packed("rgb0", [0, 1, 2], 4),
    make("gbrp", [(2, 1, 0, 0, 8), (0, 1, 0, 0, 8), (1, 1, 0, 0, 8)], rgb: true),
    make("gbrp10le", [(2, 2, 0, 0, 10), (0, 2, 0, 0, 10), (1, 2, 0, 0, 10)], rgb: true),
    make("rgb48le", [(0, 6, 0, 0, 16), (0, 6, 2, 0, 16), (0, 6, 4, 0, 16)], rgb: true),
    make("x2rgb10le", [(0, 4, 2, 4, 10), (0, 4, 1, 2, 10), (0, 4, 0, 0, 10)], rgb: true),
  ]

  package static let low: PixelFormat = make(
    "rgb565le", [(0, 2, 1, 3, 5), (0, 2, 0, 5, 6), (0, 2, 0, 0, 5)], rgb: true)

  package static let gray: [PixelFormat] = [
    .gray, make("gray10le", [(0, 2, 0, 0, 10)]), make("ya8", [(0, 2, 0, 0, 8), (0, 2, 1, 0, 8)], alpha: true),
  ]

  package static let all = yuv + rgb + gray + [low]
}
