import CKernels
import Foundation
import Frames
import Telemetry
import TestSupport
import Tensors
import Testing

@testable import Imaging

/// A line of `preprocessing.txt`: a formula picture, a transform, and what Pillow made of it.
private struct PillowCase: CustomStringConvertible, Sendable {
  let kind: String
  let size: (Int, Int)
  let transform: InputTransform
  let aspect: Rational
  let samples: [[Int]]
  var description: String {
    "\(kind) \(size) \(transform.fit) \(transform.resizeTo ?? 0) \(transform.width)x\(transform.height)"
  }

  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    let words = fields.count > 8 ? fields[3].split(separator: ":").map(String.init) : []
    guard let fit = words.first.flatMap(Fit.init) else { return nil }
    kind = String(fields[0])
    let numbers = [1, 2, 4, 5, 6].compactMap { Int(fields[$0]) }
    size = (numbers[0], numbers[1])
    transform = InputTransform(
      height: numbers[4], width: numbers[3], fit: fit, resizeTo: fit == .crop ? numbers[2] : nil, color: .rgb,
      scale: 1, mean: [0, 0, 0], std: [1, 1, 1],
      interpolation: words.dropFirst().first.flatMap(Interpolation.init) ?? .bilinear)
    let ratio = fields[7].split(separator: "/").compactMap { Int($0) }
    aspect = Rational(ratio[0], ratio[1])
    samples = fields[8...].map { $0.split(separator: ",").compactMap { Int($0) } }
  }

  static func load(_ path: String) throws -> [PillowCase] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { PillowCase($0) }
  }

  /// Every pixel format that can hold this picture.
  var formats: [PixelFormat] {
    if kind == "rgb" { return TestFormats.rgb }
    let parts = kind.split(separator: "-").compactMap { Int($0) }
    return TestFormats.yuv.filter { $0.log2ChromaWidth == parts[1] && $0.log2ChromaHeight == parts[2] }
  }

  func format(_ pixel: PixelFormat) -> FrameFormat {
    let matrix = ["601": 6, "709": 1, "2020": 9][kind.prefix(while: { $0 != "-" })] ?? 2
    let color = ColorDescription(
      range: kind == "rgb" ? .unspecified : kind.contains("full") ? .full : .limited, matrix: matrix)
    return FrameFormat(
      pixelFormat: pixel, width: size.0, height: size.1, sampleAspectRatio: aspect, color: color)
  }
}

private func fill(_ format: FrameFormat, _ transform: InputTransform, isa: fovea_isa = fovea_isa_default()) throws
  -> [Float]
{
  try fill(TestPictures.standard(format), transform, isa: isa)
}

private func fill(_ frame: Frame, _ transform: InputTransform, isa: fovea_isa = fovea_isa_default()) throws -> [Float] {
  let count = (transform.color == .gray ? 1 : 3) * transform.width * transform.height
  var tensor = [Float](repeating: .nan, count: count)
  let preprocessor = try Preprocessor(format: frame.format, transform: transform, isa: isa)
  tensor.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { preprocessor.fill(frame, into: base) } }
  return tensor
}

private func plain(_ width: Int, _ height: Int, _ fit: Fit, _ resizeTo: Int? = nil) -> InputTransform {
  InputTransform(
    height: height, width: width, fit: fit, resizeTo: resizeTo, color: .rgb, scale: 1, mean: [0, 0, 0],
    std: [1, 1, 1])
}

@Suite struct PreprocessorTests {
  private func compare(_ one: PillowCase, _ pixel: PixelFormat) throws {
    let tensor = try fill(one.format(pixel), one.transform)
    let plane = one.transform.width * one.transform.height
    for sample in one.samples {
      for c in 0..<3 {
        let value = tensor[c * plane + sample[1] * one.transform.width + sample[0]]
        // A grey level, and what rounding the reference to whole levels hides of ours.
        #expect(abs(value - Float(sample[2 + c])) < 1.5, "\(one) \(pixel.name) at \(sample) plane \(c)")
      }
    }
  }

  @Test func equalsPillowInEveryFormat() throws {
    let path = TestData.root.appendingPathComponent("Tests/ImagingTests/Fixtures/preprocessing.txt").path
    let cases = try PillowCase.load(path)
    #expect(cases.count == 27)
    for one in cases {
      #expect(!one.formats.isEmpty)
      // Large pictures in one format only: they take long.
      let formats = one.size.0 * one.size.1 > 100_000 ? one.formats.prefix(1) : one.formats[...]
      for pixel in formats { try compare(one, pixel) }
    }
  }

  /// Hundreds of random sizes, made by hand with `preprocessing.py many`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["FOVEA_PREPROCESSING_CASES"] != nil))
  func equalsPillowOverManySizes() throws {
    for one in try PillowCase.load(ProcessInfo.processInfo.environment["FOVEA_PREPROCESSING_CASES"] ?? "") {
      for pixel in one.formats.prefix(2) { try compare(one, pixel) }
    }
  }

  @Test(arguments: [fovea_isa_best(), FOVEA_AVX2])
  func everyInstructionSetGivesTheSameNumbers(isa: fovea_isa) throws {
    guard isa.rawValue <= fovea_isa_best().rawValue else { return }
    for pixel in TestFormats.all {
      for (width, height) in [(97, 45), (333, 201), (1, 1), (64, 64)] {
        let format = FrameFormat(pixelFormat: pixel, width: width, height: height)
        var cubic = plain(40, 40, .squash)
        cubic.interpolation = .bicubic
        for transform in [plain(51, 37, .squash), plain(24, 24, .crop, 29), cubic] {
          let reference = try fill(format, transform, isa: FOVEA_SCALAR)
          let value = try fill(format, transform, isa: isa)
          let largest = zip(reference, value).map { abs($0 - $1) }.max() ?? 0
          #expect(largest < 1e-3, "\(pixel.name) \(width)x\(height)")
        }
      }
    }
  }

  @Test func normalisesAndOrdersPlanes() throws {
    let format = FrameFormat(pixelFormat: .rgb24, width: 8, height: 8)
    let frame = TestPictures.frame(format) { _, _, c in [200, 100, 50][c] }
    var transform = plain(4, 4, .squash)
    transform.scale = 1 / 255
    transform.mean = [0.485, 0.456, 0.406]
    transform.std = [0.229, 0.224, 0.225]
    let rgb = try fill(frame, transform)
    #expect(abs(rgb[0] - (200 / 255 - 0.485) / 0.229) < 1e-3)
    #expect(abs(rgb[16] - (100 / 255 - 0.456) / 0.224) < 1e-3)
    #expect(abs(rgb[47] - (50 / 255 - 0.406) / 0.225) < 1e-3)
    transform.color = .bgr
    #expect(abs(try fill(frame, transform)[0] - (50 / 255 - 0.485) / 0.229) < 1e-3)
    transform.color = .gray
    (transform.mean, transform.std, transform.scale) = ([0], [1], 1)
    #expect(abs(try fill(frame, transform)[5] - (0.299 * 200 + 0.587 * 100 + 0.114 * 50)) < 0.02)
  }

  @Test func greyPicturesFillAllPlanes() throws {
    for pixel in TestFormats.gray {
      let frame = TestPictures.frame(
        FrameFormat(pixelFormat: pixel, width: 9, height: 7, color: ColorDescription(range: .full))
      ) { _, _, c in c == 0 ? 77 : 0 }
      for value in try fill(frame, plain(5, 5, .crop, 6)) { #expect(abs(value - 77) < 0.3) }
    }
  }

  @Test func anUnspecifiedMatrixIsBT601() {
    let small = ColorConversion(FrameFormat(pixelFormat: .yuv420p, width: 720, height: 576))
    let large = ColorConversion(FrameFormat(pixelFormat: .yuv420p, width: 1280, height: 720))
    #expect(small.kr == 0.299 && large.kr == 0.299 && !small.isFullRange)
  }

  @Test func paddingIsTheMeanColour() throws {
    var transform = plain(20, 10, .pad)
    (transform.mean, transform.std) = ([10, 20, 30], [2, 2, 2])
    let tensor = try fill(FrameFormat(pixelFormat: .rgb24, width: 40, height: 40), transform)
    for y in 0..<10 {
      #expect(tensor[y * 20] == 0 && tensor[y * 20 + 4] == 0 && tensor[y * 20 + 15] == 0)
      #expect(tensor[y * 20 + 5] != 0 && tensor[y * 20 + 14] != 0)
    }
  }

  @Test func saysWhichPartTheNetworkSees() throws {
    func crop(_ width: Int, _ height: Int, _ aspect: Rational, _ transform: InputTransform) throws -> Rect {
      try Preprocessor(
        format: FrameFormat(pixelFormat: .yuv420p, width: width, height: height, sampleAspectRatio: aspect),
        transform: transform
      ).crop
    }
    let square = Rational(1, 1)
    #expect(try crop(640, 480, square, plain(224, 224, .squash)) == Rect(x: 0, y: 0, width: 640, height: 480))
    #expect(try crop(640, 480, square, plain(224, 224, .pad)) == Rect(x: 0, y: 0, width: 640, height: 480))
    #expect(try crop(640, 480, square, plain(240, 240, .crop)) == Rect(x: 80, y: 0, width: 480, height: 480))
    #expect(try crop(480, 640, square, plain(120, 120, .crop, 240)) == Rect(x: 120, y: 200, width: 240, height: 240))
    // Stored 720 columns, shown as 1440: half of the columns make a square of twice 480.
    #expect(try crop(720, 480, Rational(2, 1), plain(240, 240, .crop)) == Rect(x: 240, y: 0, width: 240, height: 480))
  }

  @Test func refusesNonsense() {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 64)
    func refuses(_ format: FrameFormat, _ change: (inout InputTransform) -> Void) {
      var transform = plain(32, 32, .crop, 40)
      change(&transform)
      #expect(throws: UserError.self) { try Preprocessor(format: format, transform: transform) }
    }
    refuses(format) { $0.width = 0 }
    refuses(format) { $0.height = 1 << 40 }
    refuses(format) { $0.mean = [1] }
    refuses(format) { $0.std = [1, 0, 1] }
    refuses(format) { $0.resizeTo = 31 }
    refuses(format) { $0.color = .gray }
    refuses(FrameFormat(pixelFormat: .yuv420p, width: 0, height: 4)) { _ in }
    var palette = PixelFormat.gray
    palette.components = []
    refuses(FrameFormat(pixelFormat: palette, width: 8, height: 4)) { _ in }
    var float = PixelFormat.gray
    float.components[0].depth = 32
    refuses(FrameFormat(pixelFormat: float, width: 8, height: 4)) { _ in }
  }
}
