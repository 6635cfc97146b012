import Frames
import Imaging
import Testing

@testable import Pipeline

/// Videos whose pixels are not square: overlays look as they do on other videos, once the picture is shown in its shape.
@Suite struct AnamorphicTests {
  private func format(_ aspect: Rational, _ width: Int = 720) -> FrameFormat {
    FrameFormat(pixelFormat: .yuv420p, width: width, height: 576, sampleAspectRatio: aspect)
  }

  @Test(arguments: [Rational(64, 45), Rational(16, 11), Rational(2, 1), Rational(8, 9)])
  func textIsAsWideAsItLooks(aspect: Rational) throws {
    let style = TextStyle(size: 20)
    let square = TextSetter(canvas: try Canvas(format(Rational(1, 1))))
    let squeezed = TextSetter(canvas: try Canvas(format(aspect)))
    let (plain, narrow) = (square.width("goldfish 100 %", style), squeezed.width("goldfish 100 %", style))
    #expect(abs(Double(narrow) * aspect.value - Double(plain)) <= Double(plain) * 0.08, "\(narrow) for \(plain)")
  }

  @Test(arguments: PictureLayout.allCases) func areasHaveTheShapeThatTheyHaveOnSquarePixels(layout: PictureLayout) {
    let aspect = 64.0 / 45
    let seen = layout.areas(width: 720, height: 576, topCount: 5, aspect: aspect)
    let wide = layout.areas(width: 1024, height: 576, topCount: 5)
    #expect(seen.em == wide.em && seen.aspect == aspect && wide.aspect == 1)
    #expect(abs(Double(seen.panel.width) * aspect - Double(wide.panel.width)) < 32, "\(seen.panel) for \(wide.panel)")
    #expect(abs(seen.panel.height - wide.panel.height) <= 2)
  }

  @Test(arguments: [0.5, 64.0 / 45, 2.0]) func tilesLookSquare(aspect: Double) throws {
    let area = Rect(x: 0, y: 0, width: 400, height: 400)
    let grid = try #require(
      TileGrid(24, mapWidth: 48, mapHeight: 48, within: area, gap: 2, unit: 2, comfortable: 20, pixelAspect: aspect))
    #expect(abs(Double(grid.tileWidth) * aspect - Double(grid.tileHeight)) <= 4, "\(grid)")
    #expect(grid.width <= 400 && grid.height <= 400 && grid.count == 24)
    let plain = TileGrid(24, mapWidth: 48, mapHeight: 48, within: area, gap: 2, unit: 2, comfortable: 20)
    #expect(
      plain
        == TileGrid(24, mapWidth: 48, mapHeight: 48, within: area, gap: 2, unit: 2, comfortable: 20, pixelAspect: 1))
  }

  @Test func senselessRatiosCountAsSquare() {
    for ratio in [Rational(0, 1), Rational(1, 0), Rational(1, 100), Rational(1000, 1)] {
      #expect(format(ratio).pixelAspect == 1)
    }
  }
}
