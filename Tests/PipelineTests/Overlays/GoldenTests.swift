import Foundation
import Frames
import Imaging
import TestSupport
import Testing

@testable import Pipeline

/// Composed pictures against committed ones. A missing golden is recorded and fails; delete one to record it again, and
/// look at the picture before it is committed.
@Suite struct GoldenTests {
  /// What the pictures of layouts show. A further overlay gets a picture of its own.
  private static let standardOverlays: Set<String> = [
    SaliencyOverlay.name, CropFrame.name, TopClassesPanel.name, FeatureMosaic.name, StatusLine.name,
  ]
  private static let folder = TestData.root.appendingPathComponent("Tests/PipelineTests/Goldens")

  private func composed(
    _ pixel: PixelFormat, _ width: Int, _ height: Int, _ layout: PictureLayout, _ analysis: Analysis,
    _ overlays: Set<String> = Self.standardOverlays
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

  /// Every sample of a component after the other, two bytes each.
  private func samples(_ frame: Frame) -> [UInt8] {
    let pixel = frame.format.pixelFormat
    var result: [UInt8] = []
    for (c, component) in pixel.components.enumerated() {
      for y in 0..<pixel.height(ofComponent: c, in: frame.format.height) {
        for x in 0..<pixel.width(ofComponent: c, in: frame.format.width) {
          let value = frame.read(x, y, component)
          result += [UInt8(value & 255), UInt8(value >> 8)]
        }
      }
    }
    return result
  }

  private func golden(_ name: String, _ value: [UInt8]) throws -> [UInt8] {
    let url = Self.folder.appendingPathComponent(name)
    if let data = FileManager.default.contents(atPath: url.path) {
      return try #require(Zlib.decompress(Array(data), count: value.count), "\(name) has another size")
    }
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try Data(Zlib.compress(value)).write(to: url)
    Issue.record("\(name) was missing and has been recorded")
    return value
  }

  /// Sample by sample. Rasterisers of other machines draw the edges of letters a little differently: a few samples may differ.
  @Test(arguments: PictureLayout.allCases)
  func layoutsLookAsTheyDid(layout: PictureLayout) throws {
    for (pixel, width, height) in [
      (PixelFormat.yuv420p, 160, 120), (.rgb24, 640, 360), (TestFormats.yuv[6], 360, 640),
    ] {
      let sample = sampleAnalysis(crop: Rect(x: width / 8, y: 2, width: width * 3 / 4, height: height - 4))
      let value = samples(try composed(pixel, width, height, layout, sample))
      let expected = try golden("\(layout)-\(pixel.name)-\(width)x\(height).z", value)
      let different = differing(value, expected, by: 2 << (pixel.components[0].depth - 8))
      #expect(different <= value.count / 2 / 4000, "\(layout) \(pixel.name) \(width)x\(height): \(different) samples")
    }
  }

  /// How many samples differ by more than this.
  private func differing(_ one: [UInt8], _ other: [UInt8], by limit: Int) -> Int {
    func sample(_ bytes: [UInt8], _ index: Int) -> Int { Int(bytes[index]) + Int(bytes[index + 1]) << 8 }
    return stride(from: 0, to: one.count, by: 2).count { abs(sample(one, $0) - sample(other, $0)) > limit }
  }

  /// Without text no rasteriser takes part: every sample is the same everywhere.
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
    #expect(try golden("mosaic-160x60.z", value) == value)
  }
}
