import Frames
import Testing

@testable import Imaging

/// Overlays on pictures of high dynamic range.
@Suite struct HighDynamicRangeTests {
  private func ink(_ color: UInt32, transfer: Int, primaries: Int = 9) throws -> Ink {
    let format = FrameFormat(
      pixelFormat: PixelFormat(
        name: "yuv420p10le",
        components: (0..<3).map { PixelComponent(plane: $0, step: 2, offset: 0, shift: 0, depth: 10) },
        log2ChromaWidth: 1, log2ChromaHeight: 1, isRGB: false, hasAlpha: false), width: 64, height: 64,
      color: ColorDescription(range: .limited, matrix: 9, primaries: primaries, transfer: transfer))
    return try Canvas(format).ink(Color(color))
  }

  /// ITU-R BT.2408-7, table 1: graphics white of 203 cd/m² is 58 % in PQ and 75 % in HLG.
  @Test(arguments: [(16, 0.5807), (18, 0.75)]) func whiteIsTheReferenceWhite(transfer: Int, signal: Double) throws {
    let white = try ink(0xFFFFFF, transfer: transfer)
    #expect(abs(Double(white[0]) - (64 + 876 * signal)) <= 1, "\(white[0])")
    #expect(white[1] == 512 && white[2] == 512)
    let black = try ink(0x000000, transfer: transfer)
    #expect(abs(Int(black[0]) - 64) <= 1)
  }

  @Test func ordinaryPicturesAreAsBefore() throws {
    for transfer in [1, 2, 13] { #expect(try ink(0xFFFFFF, transfer: transfer)[0] == 940) }
  }

  /// Red of BT.709 (203 · 0.6274, 0.0691, 0.0164 cd/m² in BT.2020), by the formula of SMPTE ST 2084 in other words.
  @Test func coloursKeepTheirPrimaries() throws {
    let rgb = HighDynamicRange.pq.encode(Color(0xFF0000), primaries: 9)
    let expected = [0.5325, 0.3270, 0.2201]
    for (seen, wanted) in zip(rgb, expected) { #expect(abs(seen / 255 - wanted) < 0.004, "\(rgb)") }
    let same = HighDynamicRange.pq.encode(Color(0xFF0000), primaries: 1)
    #expect(same[1] < 0.1 && same[2] < 0.1)
  }
}
