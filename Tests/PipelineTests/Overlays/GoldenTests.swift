import Foundation
import Frames
import Imaging
import TestSupport
import Testing

@testable import Pipeline

/// Composed pictures against committed ones. A missing golden is recorded and fails; delete one to record it again, and
/// look at the picture before it is committed.
@Suite struct GoldenTests {
  private static let folder = TestData.root.appendingPathComponent("Tests/PipelineTests/Goldens")

  private func composed(
    _ pixel: PixelFormat, _ width: Int, _ height: Int, _ layout: PictureLayout, _ analysis: Analysis, _ overlays: Set<String> = Set(OverlayTable.names)
  ) throws -> Frame {
    let format = FrameFormat(
      pixelFormat: pixel, width: width, height: height, color: ColorDescription(range: .limited, matrix: 1))
    let source = TestPictures.frame(format) { x, y, c in
      c == 0 || pixel.isRGB ? 60 + (x * 2 + y * 3) % 120 : 118 + c * 9
    }
    var style = OverlayStyle()
    style.overlays = overlays
    let composer = try Composer(input: format, layout: layout, style: style)
    let frame = Frame.allocated(composer.outputFormat)
    composer.compose(source, ShownFrame(source, analysis, nil), into: frame)
    return frame
  }

  /// Means of 16 columns of square cells, for each component, as 8-bit values.
  private func thumbnail(_ frame: Frame) -> [UInt8] {
    let pixel = frame.format.pixelFormat
    var result: [UInt8] = []
    for (c, component) in pixel.components.enumerated() {
      let width = pixel.width(ofComponent: c, in: frame.format.width)
      let height = pixel.height(ofComponent: c, in: frame.format.height)
      let rows = max(1, 16 * frame.format.height / frame.format.width)
      for row in 0..<rows {
        for column in 0..<16 {
          var (sum, count) = (0, 0)
          for y in row * height / rows..<(row + 1) * height / rows {
            for x in column * width / 16..<(column + 1) * width / 16 {
              sum += frame.read(x, y, component)
              count += 1
            }
          }
          result.append(UInt8(clamping: (sum / max(1, count)) >> (component.depth - 8)))
        }
      }
    }
    return result
  }

  private func golden(_ name: String, _ value: [UInt8]) throws -> [UInt8] {
    let url = Self.folder.appendingPathComponent(name)
    if let data = FileManager.default.contents(atPath: url.path) { return Array(data) }
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try Data(value).write(to: url)
    Issue.record("\(name) was missing and has been recorded")
    return value
  }

  /// Fonts and their rasterisers differ between machines: means of cells, with tolerance.
  @Test(arguments: PictureLayout.allCases)
  func layoutsLookAsTheyDid(layout: PictureLayout) throws {
    for (pixel, width, height) in [
      (PixelFormat.yuv420p, 160, 120), (.rgb24, 640, 360), (TestFormats.yuv[6], 360, 640),
    ] {
      let sample = sampleAnalysis(crop: Rect(x: width / 8, y: 2, width: width * 3 / 4, height: height - 4))
      let frame = try composed(pixel, width, height, layout, sample)
      let value = thumbnail(frame)
      let expected = try golden("\(layout)-\(pixel.name)-\(width)x\(height).bin", value)
      #expect(expected.count == value.count)
      let largest = zip(expected, value).map { abs(Int($0) - Int($1)) }.max() ?? 0
      #expect(largest <= 12, "\(layout) \(pixel.name) \(width)x\(height)")
    }
  }

  /// Without text every sample is ours.
  @Test func mosaicsAreExact() throws {
    let overlays: Set<String> = [FeatureMosaic.name]
    let frame = try composed(.yuv420p, 160, 120, .overlay, sampleAnalysis(title: "", mosaics: 1), overlays)
    let bare = try composed(.yuv420p, 160, 120, .overlay, sampleAnalysis(mosaics: 0), overlays)
    var value: [UInt8] = []
    var drawn = 0
    // The mosaic lies in the lower half.
    for (c, component) in frame.format.pixelFormat.components.enumerated() {
      let (width, height) = c == 0 ? (160, 120) : (80, 60)
      for y in height / 2..<height {
        for x in 0..<width {
          value.append(UInt8(frame.read(x, y, component)))
          drawn += frame.read(x, y, component) == bare.read(x, y, component) ? 0 : 1
        }
      }
    }
    #expect(drawn > 4000)
    #expect(try golden("mosaic-160x60.yuv", value) == value)
  }
}
