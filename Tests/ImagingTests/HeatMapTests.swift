import Frames
import Telemetry
import Tensors
import TestSupport
import Testing

@testable import Imaging

/// A map whose memory lives as long as it does.
private final class Values {
  let start: UnsafeMutablePointer<Float>

  init(_ values: [Float]) {
    start = .allocate(capacity: values.count)
    start.initialize(from: values, count: values.count)
  }

  deinit { start.deallocate() }
}

@Suite struct HeatMapTests {
  private func transform(_ width: Int, _ height: Int, _ fit: Fit, _ short: Int? = nil) -> InputTransform {
    InputTransform(
      height: height, width: width, fit: fit, resizeTo: short, color: .rgb, scale: 1, mean: [0, 0, 0], std: [1, 1, 1])
  }

  /// A square of the picture lights up the input where the placement says that it lies.
  @Test(
    arguments: [
      (320, 180, Fit.crop, 96), (181, 321, .crop, 64), (320, 180, .pad, nil), (200, 100, .squash, nil),
      (64, 64, .crop, nil),
    ] as [(Int, Int, Fit, Int?)])
  func theInputLiesWhereItsPlacementSays(width: Int, height: Int, fit: Fit, short: Int?) throws {
    let format = FrameFormat(pixelFormat: .rgb24, width: width, height: height)
    // Near the middle, which every fit shows.
    let (x, y, side) = (width / 2 + 5, height / 2 - 9, 12)
    let frame = TestPictures.frame(format) { px, py, _ in
      (x..<x + side).contains(px) && (y..<y + side).contains(py) ? 255 : 0
    }
    let preprocessor = try Preprocessor(format: format, transform: transform(64, 64, fit, short))
    var tensor = [Float](repeating: 0, count: 3 * 64 * 64)
    preprocessor.fill(frame, into: &tensor)
    var (mass, u, v): (Double, Double, Double) = (0, 0, 0)
    for i in 0..<64 * 64 {
      let weight = Double(tensor[i])
      (mass, u, v) = (
        mass + weight, u + weight * (Double(i % 64) + 0.5) / 64, v + weight * (Double(i / 64) + 0.5) / 64
      )
    }
    let point = preprocessor.placement.point(u / mass, v / mass)
    #expect(abs(point.x - Double(x) - 6) < 0.6 && abs(point.y - Double(y) - 6) < 0.6, "\(point)")
  }

  @Test func pixelsOutsideTheInputStay() throws {
    for pixel in TestFormats.all {
      let format = FrameFormat(pixelFormat: pixel, width: 97, height: 61)
      let source = TestPictures.standard(format)
      let frame = TestPictures.standard(format)
      var style = HeatStyle()
      style.opacity = 1
      let canvas = try Canvas(format)
      let painter = HeatPainter(canvas: canvas, style: style)
      let values = Values([Float](repeating: 1, count: 9))
      let placement = InputPlacement(left: 20.3, top: 2.7, width: 44, height: 51)
      canvas.begin(frame)
      let map = HeatMap(height: 3, width: 3, values: values.start, placement: placement)
      let covered = painter.draw(map, on: canvas.bounds)
      #expect(covered == canvas.aligned(Rect(x: 20, y: 3, width: 44, height: 51)), "\(pixel.name) \(covered)")
      for (c, component) in pixel.components.enumerated() {
        let (sx, sy) = pixel.isChroma(c) ? (pixel.log2ChromaWidth, pixel.log2ChromaHeight) : (0, 0)
        for y in 0..<pixel.height(ofComponent: c, in: 61) {
          for x in 0..<pixel.width(ofComponent: c, in: 97) {
            let inside =
              covered.x <= x << sx && x << sx < covered.maxX && covered.y <= y << sy && y << sy < covered.maxY
            if inside { continue }
            #expect(frame.read(x, y, component) == source.read(x, y, component), "\(pixel.name) \(x) \(y)")
          }
        }
      }
    }
  }

  /// At the centre of a cell the colour is the cell's own; half-way between two it is half-way.
  @Test func coloursAreTheMapsOwn() throws {
    let format = FrameFormat(pixelFormat: .rgb24, width: 64, height: 64)
    let frame = TestPictures.standard(format)
    var style = HeatStyle()
    (style.showsPicture, style.colormap) = (false, .gray)
    let canvas = try Canvas(format)
    canvas.begin(frame)
    let values = Values([0, 1, 0.5, 0.25])
    let map = HeatMap(
      height: 2, width: 2, values: values.start, placement: InputPlacement(left: 0, top: 0, width: 64, height: 64))
    _ = HeatPainter(canvas: canvas, style: style).draw(map, on: canvas.bounds)
    func level(_ x: Int, _ y: Int) -> Int { frame.read(x, y, format.pixelFormat.components[0]) }
    #expect(level(0, 0) == 0 && level(63, 0) == 255 && abs(level(0, 63) - 128) <= 1 && abs(level(63, 63) - 64) <= 1)
    #expect(abs(level(32, 0) - 128) <= 4 && abs(level(32, 32) - 112) <= 4)
    // Cells as they are.
    style.isNearest = true
    _ = HeatPainter(canvas: canvas, style: style).draw(map, on: canvas.bounds)
    #expect(level(31, 31) == 0 && level(32, 31) == 255 && abs(level(31, 32) - 128) <= 1)
  }

  @Test func nothingIsDrawnBelowTheThreshold() throws {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48)
    let (source, frame) = (TestPictures.standard(format), TestPictures.standard(format))
    var style = HeatStyle()
    style.threshold = 0.5
    let canvas = try Canvas(format)
    canvas.begin(frame)
    let values = Values([0.1, 0.4, 0.2, 0.45])
    let map = HeatMap(
      height: 2, width: 2, values: values.start, placement: InputPlacement(left: 0, top: 0, width: 64, height: 48))
    _ = HeatPainter(canvas: canvas, style: style).draw(map, on: canvas.bounds)
    for y in 0..<48 {
      for x in 0..<64 {
        let luma = format.pixelFormat.components[0]
        #expect(frame.read(x, y, luma) == source.read(x, y, luma))
      }
    }
  }

  @Test func contoursAndPeaksAreSeen() throws {
    let format = FrameFormat(pixelFormat: .gray, width: 80, height: 80)
    let frame = TestPictures.frame(format) { _, _, _ in 0 }
    var style = HeatStyle()
    (style.contour, style.opacity, style.showsPeak) = (0.5, 0, true)
    let canvas = try Canvas(format)
    canvas.begin(frame)
    var cells = [Float](repeating: 0, count: 16)
    cells[5] = 1
    let values = Values(cells)
    let map = HeatMap(
      height: 4, width: 4, values: values.start, placement: InputPlacement(left: 0, top: 0, width: 80, height: 80),
      peak: (0.375, 0.375))
    _ = HeatPainter(canvas: canvas, style: style).draw(map, on: canvas.bounds)
    let luma = format.pixelFormat.components[0]
    let lit = (0..<80).flatMap { y in (0..<80).filter { frame.read($0, y, luma) > 200 }.map { ($0, y) } }
    // The contour lies half a cell around the peak's centre at (30, 30), the cross inside of it.
    #expect(lit.contains { $0.0 < 22 } && lit.contains { $0.0 > 38 } && lit.allSatisfy { (17...43).contains($0.0) })
    #expect(lit.contains { abs($0.0 - 30) < 2 && abs($0.1 - 30) > 1 && abs($0.1 - 30) < 8 })
    #expect(frame.read(30, 30, luma) < 100)
  }

  @Test func anInputOutsideOfThePictureDrawsNothing() throws {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 32, height: 32)
    let canvas = try Canvas(format)
    canvas.begin(TestPictures.standard(format))
    let values = Values([1])
    for placement in [
      InputPlacement(left: 100, top: 0, width: 10, height: 10), InputPlacement(left: 0, top: 0, width: 0, height: 0),
    ] {
      let map = HeatMap(height: 1, width: 1, values: values.start, placement: placement)
      #expect(HeatPainter(canvas: canvas, style: HeatStyle()).draw(map, on: canvas.bounds).isEmpty)
    }
  }

  @Test func sheetsHoldEveryCell() throws {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 320, height: 180)
    let values = Values([0, 1, 0.5, 0.25])
    let placement = InputPlacement(left: 70, top: 0, width: 180, height: 180)
    let heat = HeatMap(height: 2, width: 2, values: values.start, placement: placement)
    for count in [1, 2, 5, 9, 23] {
      let sheet = try ContactSheet(picture: format, blocks: [count, count], placement: placement, style: HeatStyle())
      let frame = Frame.allocated(sheet.format)
      sheet.begin(TestPictures.standard(format), on: frame)
      let cells = (0..<count).map {
        ContactSheet.Cell(title: "Cell \($0)", detail: "2 × 2", heat: $0 == 0 ? nil : heat, isFine: $0 % 2 == 1)
      }
      sheet.draw("first", cells)
      sheet.draw("second", cells)
      // The last tile of the last row is inside, and something is drawn in it.
      let (width, height) = (sheet.format.width, sheet.format.height)
      #expect(width <= 4096 && height <= 4096 && width % 2 == 0 && height % 2 == 0)
      let rgb = sheet.format.pixelFormat.components
      let bright = (height * 3 / 4..<height).contains { y in
        (0..<width).contains { frame.read($0, y, rgb[1]) > 90 }
      }
      #expect(bright, "\(count) cells")
    }
  }
}
