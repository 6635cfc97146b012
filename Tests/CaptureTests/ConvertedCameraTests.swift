import CLinux
import Frames
import Media
import TestSupport
import Testing

@testable import Capture

/// Cameras whose pictures libv4l converts, without a camera: made bytes in, RGB out.
@Suite struct ConvertedCameraTests {
  private func pictures(
    _ fourcc: String, _ width: Int, _ height: Int, stride: Int = 0
  ) throws -> ConvertedCameraPictures {
    var settled = fovea_camera_format()
    (settled.width, settled.height, settled.fourcc) = (UInt32(width), UInt32(height), fovea_fourcc(fourcc))
    (settled.planes, settled.stride.0) = (1, UInt32(stride))
    return try ConvertedCameraPictures(
      settled, rate: Rational(30, 1), name: fourcc, descriptor: -1, camera: "test")
  }

  private func rgb(_ frame: Frame, _ x: Int, _ y: Int) -> [Int] {
    let pixel = frame.planes[0].base.map { $0 + y * frame.planes[0].stride + 3 * x }
    return (0..<3).map { Int(pixel?.load(fromByteOffset: $0, as: UInt8.self) ?? 0) }
  }

  private let empty = FrameFormat(pixelFormat: .gray, width: 1, height: 1)

  /// The colours of a mosaic's cells, row by row.
  static let mosaics = [
    "BA81": "bggr", "GBRG": "gbrg", "GRBG": "grbg", "RGGB": "rggb",  // 8 bits
    "BG10": "bggr", "GB10": "gbrg", "BA10": "grbg", "RG10": "rggb",  // 10 bits in words
  ]

  /// Red (200, 40, 90) on the left, blue (10, 60, 220) on the right.
  @Test(arguments: mosaics.keys.sorted(), [0, 80]) func mosaicsBecomeColours(fourcc: String, stride: Int) throws {
    let (width, height, isDeep) = (64, 32, fourcc.hasSuffix("10"))
    // libv4l takes words of 10 bits as rows without gaps.
    guard !isDeep || stride == 0 else { return }
    let cells = Array(try #require(Self.mosaics[fourcc]))
    let row = stride == 0 ? width : stride
    var bytes = [UInt8](repeating: 7, count: row * height * (isDeep ? 2 : 1))
    for y in 0..<height {
      for x in 0..<width {
        let color: [Character: Int] = x < 32 ? ["r": 200, "g": 40, "b": 90] : ["r": 10, "g": 60, "b": 220]
        let value = color[cells[y % 2 * 2 + x % 2]] ?? 0
        if isDeep {
          (bytes[2 * (y * row + x)], bytes[2 * (y * row + x) + 1]) = (UInt8(value << 2 & 255), UInt8(value >> 6))
        } else {
          bytes[y * row + x] = UInt8(value)
        }
      }
    }
    let converter = try pictures(fourcc, width, height, stride: stride)
    let frame = Frame(empty)
    #expect(bytes.withUnsafeBytes { converter.convert($0, into: frame) })
    #expect(frame.format.width == 64 && frame.format.height == 32 && frame.format.pixelFormat == .rgb24)
    #expect(frame.format.color.range == .full && frame.format.color.matrix == 0)
    for y in [0, 15, 31] {
      #expect(rgb(frame, 5, y) == [200, 40, 90], "row \(y)")
      #expect(rgb(frame, 58, y) == [10, 60, 220], "row \(y)")
    }
  }

  @Test func formatsOfOldWebcamsAreKnown() throws {
    for letters in ["S501", "S505", "S508", "S561", "P207", "S910", "S920", "M310", "RGGB", "pBAA"] {
      let format = try #require(CameraPixelFormat.known(fovea_fourcc(letters)), "\(letters)")
      #expect(format.name == letters.lowercased() && format.fourcc == letters)
      guard case .converted = format.content else { Issue.record("\(letters) is read by libv4l"); continue }
    }
    #expect(CameraPixelFormat.letters(fovea_fourcc("Y16 ")) == "Y16")
    #expect(CameraPixelFormat.letters(fovea_fourcc("Y16 ") | 1 << 31) == "Y16-BE")
    for letters in ["XYZW", "O511"] { #expect(CameraPixelFormat.known(fovea_fourcc(letters)) == nil) }
  }

  /// SPCA505 has rows of luma and then half rows of chroma, signed: grey pictures need no more to be known.
  @Test func spcaPicturesHaveTheirLuma() throws {
    let converter = try pictures("S505", 64, 32)
    var bytes = [UInt8](repeating: 0, count: 64 * 32 * 3 / 2)
    for pair in 0..<16 { for i in 0..<128 { bytes[pair * 192 + i] = 0x80 &+ 120 } }
    let frame = Frame(empty)
    #expect(bytes.withUnsafeBytes { converter.convert($0, into: frame) })
    let seen = rgb(frame, 20, 20)
    #expect(Set(seen).count == 1 && abs(seen[0] - 120) < 40, "\(seen)")
  }

  @Test(arguments: ["BA81", "S501", "S508", "HM12", "RG10", "Y16 "]) func shortPicturesAreNotWhole(fourcc: String)
    throws
  {
    let converter = try pictures(fourcc, 64, 32)
    for count in [0, 1, 64 * 31] {
      let frame = Frame(empty)
      #expect(![UInt8](repeating: 9, count: count).withUnsafeBytes { converter.convert($0, into: frame) })
    }
  }

  /// Whatever the camera sends: an answer, and no harm.
  @Test(arguments: [
    "S561", "S910", "S920", "P207", "M310", "905C", "S401", "PJPG", "JPGL", "CPIA", "SONX", "JL20", "pRAA",
  ])
  func garbageDoesNoHarm(fourcc: String) throws {
    var random = SplitMix64(3)
    for (width, height) in [(16, 8), (176, 144), (352, 288)] {
      let converter = try pictures(fourcc, width, height)
      let frame = Frame(empty)
      for count in [1, 100, width * height / 2, width * height * 2, width * height * 4] {
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        _ = bytes.withUnsafeBytes { converter.convert($0, into: frame) }
      }
    }
  }

  @Test(arguments: [(0, 0), (2, 2), (9, 9), (100_000, 8), (8, 100_000), (65, 32)])
  func impossibleSizesAreRefused(width: Int, height: Int) throws {
    #expect(throws: CameraError.self) { _ = try pictures("BA81", width, height) }
  }

  /// libv4l's decoders write whole blocks: sizes in which a block is cut are refused.
  @Test func cutBlocksAreRefused() throws {
    #expect(throws: CameraError.self) { _ = try pictures("S505", 34, 18) }
    #expect(throws: CameraError.self) { _ = try pictures("BA81", 64, 32, stride: 1 << 20) }
  }

  @Test func convertedFormatsComeLast() throws {
    func mode(_ fourcc: String) throws -> CameraMode {
      let format = try #require(CameraPixelFormat.known(fovea_fourcc(fourcc)))
      return CameraMode(
        code: format.code, description: "", name: format.name,
        sizes: [.init(width: 640, height: 480, rates: [Rational(30, 1)])])
    }
    let modes = [try mode("RGGB"), try mode("MJPG")]
    var wishes = CameraWishes()
    #expect(CameraChoice.best(of: modes, for: wishes)?.code == fovea_fourcc("MJPG"))
    wishes.format = "rggb"
    #expect(CameraChoice.best(of: modes, for: wishes)?.code == fovea_fourcc("RGGB"))
    #expect(CameraChoice.best(of: [try mode("P207")], for: CameraWishes())?.code == fovea_fourcc("P207"))
  }
}
