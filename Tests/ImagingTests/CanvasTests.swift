import CKernels
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Imaging

/// A format with 161x121 pixels, or as given.
private func format(_ pixel: PixelFormat, _ width: Int = 161, _ height: Int = 121) -> FrameFormat {
  FrameFormat(pixelFormat: pixel, width: width, height: height, color: ColorDescription(matrix: 1))
}

/// What the blend of one sample should give, in exact arithmetic.
private func blended(_ old: Int, _ value: Int, _ weight: Int) -> Int {
  (old * (255 - weight) + value * weight + 127) / 255
}

@Suite struct CanvasTests {
  @Test func fillsByCoverage() throws {
    for pixel in TestFormats.all {
      let frame = TestPictures.standard(format(pixel))
      let before = TestPictures.standard(format(pixel))
      let canvas = try Canvas(frame.format)
      canvas.begin(frame)
      let rect = Rect(x: 33, y: 17, width: 58, height: 31)
      canvas.fill(rect, Color(0xE08040), opacity: 150)
      let ink = canvas.ink(Color(0xE08040))
      for (c, channel) in canvas.channels.enumerated() {
        let (w, h) = (1 << channel.log2Width, 1 << channel.log2Height)
        for y in 0..<channel.rows {
          for x in 0..<channel.columns {
            let covered = Rect(x: x * w, y: y * h, width: w, height: h).intersection(rect)
            let weight = 150 * covered.width * covered.height / (w * h)
            let expected = blended(before.read(x, y, channel.component), Int(ink[c]), weight)
            #expect(frame.read(x, y, channel.component) == expected, "\(pixel.name) \(c) at \(x),\(y)")
          }
        }
      }
    }
  }

  @Test func blendsMasksByCoverage() throws {
    let mask = (0..<19 * 13).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for pixel in TestFormats.all {
      let frame = TestPictures.standard(format(pixel))
      let before = TestPictures.standard(format(pixel))
      let canvas = try Canvas(frame.format)
      canvas.begin(frame)
      mask.withUnsafeBufferPointer {
        if let base = $0.baseAddress {
          canvas.blend(mask: base, stride: 19, width: 19, height: 13, x: 151, y: -3, Color(0x20C0FF))
        }
      }
      let ink = canvas.ink(Color(0x20C0FF))
      func coverage(_ x: Int, _ y: Int) -> Int {
        guard (151..<161).contains(x), (0..<10).contains(y) else { return 0 }
        return Int(mask[(y + 3) * 19 + x - 151])
      }
      for (c, channel) in canvas.channels.enumerated() {
        let (w, h) = (1 << channel.log2Width, 1 << channel.log2Height)
        for y in 0..<channel.rows {
          for x in 0..<channel.columns {
            var sum = w * h / 2
            for j in 0..<h { for i in 0..<w { sum += coverage(x * w + i, y * h + j) } }
            let expected = blended(before.read(x, y, channel.component), Int(ink[c]), sum / (w * h))
            #expect(frame.read(x, y, channel.component) == expected, "\(pixel.name) \(c) at \(x),\(y)")
          }
        }
      }
    }
  }

  @Test(arguments: [FOVEA_AVX2, fovea_isa_best()])
  func everyInstructionSetDrawsTheSame(isa: fovea_isa) throws {
    guard isa.rawValue <= fovea_isa_best().rawValue else { return }
    for pixel in TestFormats.all {
      let frames = try [FOVEA_SCALAR, isa].map { isa in
        let frame = TestPictures.standard(format(pixel, 99, 34))
        let canvas = try Canvas(frame.format, isa: isa)
        canvas.begin(frame)
        canvas.fillRounded(Rect(x: 3, y: 4, width: 91, height: 27), radius: 7, Color(0x3366CC), opacity: 99)
        return frame
      }
      for c in pixel.components.indices {
        for y in 0..<pixel.height(ofComponent: c, in: 34) {
          for x in 0..<pixel.width(ofComponent: c, in: 99) {
            #expect(frames[0].read(x, y, pixel.components[c]) == frames[1].read(x, y, pixel.components[c]))
          }
        }
      }
    }
  }

  @Test func inksAreTheColoursThatTheStandardsGive() throws {
    // BT.709 limited red: Y 63, Cb 102, Cr 240 (BT.709 item 3.2 with 8-bit quantisation).
    let red = try Canvas(format(.yuv420p)).ink(Color(0xFF0000))
    #expect((red[0], red[1], red[2]) == (63, 102, 240))
    var ten = format(TestFormats.yuv[6])
    ten.color.matrix = 6  // BT.601: Y 81.48, Cb 90.2, Cr 240, times 4
    let red10 = try Canvas(ten).ink(Color(0xFF0000))
    #expect((red10[0], red10[1], red10[2]) == (326, 361, 960))
    let white = try Canvas(format(.rgb24)).ink(Color(0xFFFFFF))
    #expect((white[0], white[1], white[2]) == (255, 255, 255))
    let alpha = try Canvas(format(TestFormats.rgb[2])).ink(Color(0x010203))
    #expect((alpha[0], alpha[1], alpha[2], alpha[3]) == (1, 2, 3, 255))
  }

  private func affine(_ matrix: [Double], _ v: [Double]) -> [Double] {
    [0, 4, 8].map { row in
      matrix[row] * v[0] + matrix[row + 1] * v[1] + matrix[row + 2] * v[2] + matrix[row + 3]
    }
  }

  @Test func colourSurvivesTheRoundTrip() {
    for pixel in TestFormats.yuv + TestFormats.rgb {
      for range in [ColorDescription.Range.full, .limited] {
        for matrix in [1, 4, 5, 7, 9] {
          let format = FrameFormat(
            pixelFormat: pixel, width: 8, height: 8, color: ColorDescription(range: range, matrix: matrix))
          let conversion = ColorConversion(format)
          let depth = pixel.components[0].depth
          let (to, from) = (conversion.fromRGB(depth: depth), conversion.toRGB(depth: depth))
          let rgb = [200.0, 30, 90]
          let samples = affine(to, rgb).map { $0 * 256 / Double(1 << depth) }
          for (value, expected) in zip(affine(from, samples), rgb) {
            #expect(abs(value - expected) < 1e-6, "\(pixel.name) \(range) \(matrix)")
          }
        }
      }
    }
  }

  @Test func alignsToTheChromaGrid() throws {
    let canvas = try Canvas(format(.yuv420p))
    #expect(canvas.aligned(Rect(x: 3, y: 5, width: 4, height: 4)) == Rect(x: 2, y: 4, width: 6, height: 6))
    #expect(canvas.aligned(Rect(x: 150, y: 100, width: 99, height: 99)) == Rect(x: 150, y: 100, width: 11, height: 21))
    #expect(canvas.aligned(Rect(x: -5, y: -5, width: 6, height: 6)) == Rect(x: 0, y: 0, width: 2, height: 2))
  }

  @Test func refusesWhatItCannotDrawOn() {
    var float = PixelFormat.gray
    float.components[0].depth = 32
    #expect(throws: UserError.self) { try Canvas(format(float)) }
    #expect(throws: UserError.self) { try Canvas(format(.gray, 0, 3)) }
  }
}
