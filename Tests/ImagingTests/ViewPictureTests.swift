import CKernels
import Frames
import Tensors
import TestSupport
import Testing

@testable import Imaging

/// Viewers' pictures against what comes by way of R'G'B'.
@Suite struct ViewPictureTests {
  /// A picture that changes slowly, so that it does not matter where chroma lies; in gamut for every matrix.
  private func picture(_ format: FrameFormat) -> Frame {
    let pixel = format.pixelFormat
    return TestPictures.frame(format) { x, y, c in
      let (log2X, log2Y) = pixel.isChroma(c) ? (pixel.log2ChromaWidth, pixel.log2ChromaHeight) : (0, 0)
      let (u, v) = (Double(x << log2X) / Double(format.width), Double(y << log2Y) / Double(format.height))
      switch c {
      case 0: return Int(70 + 80 * u)
      case 1: return Int(100 + 60 * v)
      case 2: return Int(160 - 60 * u)
      default: return 200
      }
    }
  }

  /// R'G'B' 0…255 of a pixel of JPEG's planes.
  private func color(_ frame: Frame, _ x: Int, _ y: Int) -> [Double] {
    let sample = (0..<3).map { c -> Double in
      let (column, row) = c == 0 ? (x, y) : (x / 2, y / 2)
      return Double(frame.read(column, row, frame.format.pixelFormat.components[c]))
    }
    let (u, v) = (sample[1] - 128, sample[2] - 128)
    return [sample[0] + 1.402 * v, sample[0] - 0.344136 * u - 0.714136 * v, sample[0] + 1.772 * u].map {
      min(max($0, 0), 255)
    }
  }

  /// R'G'B' of the same picture, its heat drawn at its own size, resampled as networks see it.
  private func reference(_ frame: Frame, _ width: Int, _ height: Int, _ heat: HeatMap?) throws -> Tensor {
    let canvas = try Canvas(frame.format)
    let drawn = Frame.allocated(frame.format)
    drawn.copyPicture(from: frame)
    canvas.begin(drawn)
    if let heat { HeatPainter(canvas: canvas, style: HeatStyle()).draw(heat, on: canvas.bounds) }
    let scaled = try ScaledPicture(frame.format, width, height)
    scaled.fill(drawn)
    return scaled.planes
  }

  /// The largest difference of a sample from what a JPEG encoder makes of the reference; a border of two pixels is left out.
  private func difference(_ view: Frame, _ reference: Tensor) -> Double {
    let (width, height) = (view.format.width, view.format.height)
    let values = reference.view.floats
    let matrix = ColorConversion(JPEGPlanes.format(2, 2)).fromRGB(depth: 8)
    func exact(_ c: Int, _ x: Int, _ y: Int) -> Double {
      (0..<3).reduce(matrix[4 * c + 3]) { $0 + matrix[4 * c + $1] * Double(values[($1 * height + y) * width + x]) }
    }
    var largest = 0.0
    for y in 2..<height - 2 {
      for x in 2..<width - 2 {
        for c in 0..<3 where c == 0 || x % 2 == 0 && y % 2 == 0 {
          let four = (exact(c, x, y) + exact(c, x + 1, y) + exact(c, x, y + 1) + exact(c, x + 1, y + 1)) / 4
          let sample = view.read(c == 0 ? x : x / 2, c == 0 ? y : y / 2, view.format.pixelFormat.components[c])
          largest = max(largest, abs(Double(sample) - (c == 0 ? exact(c, x, y) : four)))
        }
      }
    }
    return largest
  }

  private static let colors: [ColorDescription] = [ColorDescription.Range.limited, .full, .unspecified].flatMap {
    range in
    [1, 2, 4, 5, 6, 7, 9].map { ColorDescription(range: range, matrix: $0) }
  }

  @Test(arguments: colors) func everyRangeAndMatrixGivesTheSameColors(color: ColorDescription) throws {
    for wanted in [96, 160, 213, 320] {
      let format = FrameFormat(pixelFormat: .yuv420p, width: 320, height: 180, color: color)
      let frame = picture(format)
      let view = try ViewPicture(format, width: wanted)
      #expect(view.format.width == wanted && view.format.pixelFormat == .yuv420p)
      let largest = difference(view.readable(frame), try reference(frame, view.format.width, view.format.height, nil))
      #expect(largest <= 2, "\(largest) levels, \(wanted) wide")
    }
  }

  @Test(arguments: TestFormats.all) func everyPixelFormatGivesTheSameColors(pixel: PixelFormat) throws {
    for (width, wanted) in [(97, 97), (97, 61), (200, 140), (321, 161)] {
      for isa in [FOVEA_SCALAR, fovea_isa_best()] {
        let format = FrameFormat(
          pixelFormat: pixel, width: width, height: 63, color: ColorDescription(range: .limited, matrix: 1))
        let frame = picture(format)
        let view = try ViewPicture(format, width: wanted, isa: isa)
        let largest = difference(view.readable(frame), try reference(frame, view.format.width, view.format.height, nil))
        // Where a chroma sample has four columns, it matters that it is no longer repeated.
        #expect(
          largest <= (pixel.log2ChromaWidth > 1 ? 3 : 2),
          "\(largest) levels, \(pixel.name), \(width) to \(wanted)")
      }
    }
  }

  @Test func picturesAreShownWithSquarePixels() throws {
    let format = FrameFormat(
      pixelFormat: .yuv420p, width: 176, height: 144, sampleAspectRatio: Rational(128, 117),
      color: ColorDescription(range: .limited, matrix: 6))
    let view = try ViewPicture(format, width: 960)
    #expect(view.format.width == 193 && view.format.height == 144)
    let frame = picture(format)
    #expect(difference(view.readable(frame), try reference(frame, 193, 144, nil)) <= 2)
  }

  /// A picture that was made already is not made again.
  @Test func picturesOfJPEGsAreTakenAsTheyAre() throws {
    let format = JPEGPlanes.format(64, 48)
    let frame = picture(format)
    let view = try ViewPicture(format, width: 960)
    #expect(view.readable(frame) === frame)
    let smaller = try ViewPicture(format, width: 32)
    #expect(smaller.readable(frame) !== frame)
  }

  /// A map with one warm cell at (row, column) of seven, over the middle square of a picture.
  private func withHeat<R>(_ format: FrameFormat, _ body: (HeatMap) throws -> R) rethrows -> R {
    var values = [Float](repeating: 0, count: 49)
    (values[2 * 7 + 4], values[2 * 7 + 5], values[3 * 7 + 4]) = (1, 0.5, 0.5)
    let side = Double(format.height)
    let placement = InputPlacement(left: (Double(format.width) - side) / 2, top: 0, width: side, height: side)
    return try values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { throw ViewPictureProblem.noMemory }
      return try body(HeatMap(height: 7, width: 7, values: base, placement: placement))
    }
  }

  private enum ViewPictureProblem: Error { case noMemory }

  @Test(arguments: [96, 213, 320]) func heatLiesWhereItLayAtFullSize(wanted: Int) throws {
    for color in [ColorDescription(range: .limited, matrix: 1), ColorDescription(range: .full, matrix: 5)] {
      let format = FrameFormat(pixelFormat: .yuv420p, width: 320, height: 180, color: color)
      let frame = picture(format)
      try withHeat(format) { heat in
        let view = try ViewPicture(format, width: wanted)
        let plain = try reference(frame, view.format.width, view.format.height, nil)
        let warm = try reference(frame, view.format.width, view.format.height, heat)
        let drawn = view.writable(frame)
        let canvas = try Canvas(view.format)
        canvas.begin(drawn)
        var scaled = heat
        scaled.placement = heat.placement.scaled(view.scale.x, view.scale.y)
        HeatPainter(canvas: canvas, style: HeatStyle()).draw(scaled, on: canvas.bounds)
        // Where the warmth is, weighted by how much it changes, in both.
        var (here, there) = ((mass: 0.0, x: 0.0, y: 0.0), (mass: 0.0, x: 0.0, y: 0.0))
        func add(_ sum: inout (mass: Double, x: Double, y: Double), _ weight: Double, _ x: Int, _ y: Int) {
          sum = (sum.mass + weight, sum.x + weight * Double(x), sum.y + weight * Double(y))
        }
        for y in 0..<view.format.height {
          for x in 0..<view.format.width {
            let red = Double(plain.view.floats[y * view.format.width + x])
            add(&here, abs(self.color(drawn, x, y)[0] - red) > 12 ? 1 : 0, x, y)
            add(&there, abs(Double(warm.view.floats[y * view.format.width + x]) - red) > 12 ? 1 : 0, x, y)
          }
        }
        #expect(here.mass > 40 && abs(here.mass / there.mass - 1) < 0.1)
        let (dx, dy) = (here.x / here.mass - there.x / there.mass, here.y / here.mass - there.y / there.mass)
        #expect(abs(dx) < 0.4 && abs(dy) < 0.4, "off by \(dx), \(dy) at \(wanted)")
        withExtendedLifetime((plain, warm)) {}
      }
    }
  }
}
