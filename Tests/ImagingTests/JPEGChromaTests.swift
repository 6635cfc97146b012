import CKernels
import Foundation
import Frames
import TestSupport
import Tensors
import Testing

@testable import Imaging

/// Chroma of JPEG pictures is interpolated as Pillow's libjpeg does; of other pictures it is repeated.
@Suite struct JPEGChromaTests {
  /// A line of `jpeg.txt`: a format, a size, and pixels that Pillow decoded.
  private struct Case {
    let format: FrameFormat
    let pixels: [[Int]]

    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard fields.count > 3, let width = Int(fields[1]), let height = Int(fields[2]) else { return nil }
      var pixel: PixelFormat = fields[0] == "yuvj420p" ? .yuv420p : .yuv422p
      pixel.name = String(fields[0])
      format = FrameFormat(
        pixelFormat: pixel, width: width, height: height, color: ColorDescription(range: .full, chromaLocation: 2))
      pixels = fields[3...].map { $0.split(separator: ",").compactMap { Int($0) } }
    }
  }

  private func cases() throws -> [Case] {
    let path = TestData.root.appendingPathComponent("Tests/ImagingTests/Fixtures/jpeg.txt").path
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { Case($0) }
  }

  /// The picture of `jpeg.py`: every block of 8x8 samples is flat.
  private func picture(_ format: FrameFormat) -> Frame {
    TestPictures.frame(format) { x, y, c in
      let value = TestPictures.formula(x / 8, y / 8, c)
      return c == 0 ? 70 + value / 2 : 96 + value / 4
    }
  }

  private func tensor(_ frame: Frame, isa: fovea_isa) throws -> [Float] {
    let (width, height) = (frame.format.width, frame.format.height)
    let transform = InputTransform(
      height: height, width: width, fit: .squash, resizeTo: nil, color: .rgb, scale: 1, mean: [0, 0, 0],
      std: [1, 1, 1])
    var tensor = [Float](repeating: .nan, count: 3 * width * height)
    let preprocessor = try Preprocessor(format: frame.format, transform: transform, isa: isa)
    tensor.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { preprocessor.fill(frame, into: base) } }
    return tensor
  }

  /// How many pixels differ from Pillow's in R, G or B.
  private func differences(_ one: Case, _ format: FrameFormat, isa: fovea_isa) throws -> [[Int]] {
    let tensor = try tensor(picture(format), isa: isa)
    let plane = format.width * format.height
    return one.pixels.filter { pixel in
      (0..<3).contains { tensor[$0 * plane + pixel[1] * format.width + pixel[0]] != Float(pixel[2 + $0]) }
    }
  }

  @Test(arguments: [FOVEA_SCALAR, FOVEA_AVX2, fovea_isa_best()])
  func equalsPillowByteForByte(isa: fovea_isa) throws {
    guard isa.rawValue <= fovea_isa_best().rawValue else { return }
    let cases = try cases()
    #expect(cases.count == 10)
    for one in cases { #expect(try differences(one, one.format, isa: isa) == [], "\(one.format)") }
  }

  @Test func otherSitesAreRepeated() throws {
    let one = try #require(try cases().first)
    var format = one.format
    format.color.chromaLocation = 1  // left, as in H.264
    #expect(try !differences(one, format, isa: fovea_isa_best()).isEmpty)
    format.color.chromaLocation = 2
    format.color.range = .limited
    format.pixelFormat.name = "yuv420p"
    #expect(TriangleChroma(format, isa: fovea_isa_best()) == nil)
  }
}
