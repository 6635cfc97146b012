import Foundation
import Frames
import Imaging
import Telemetry
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ComposerTests {
  /// Every byte of a frame's planes.
  private func bytes(_ frame: Frame) -> [[UInt8]] {
    let pixel = frame.format.pixelFormat
    return (0..<pixel.planeCount).map { plane in
      let (base, stride) = frame.planes[plane]
      let rows = pixel.rows(ofPlane: plane, height: frame.format.height)
      return Array(UnsafeRawBufferPointer(start: base, count: rows * stride))
    }
  }

  /// Which bytes belong to samples that a rectangle covers.
  private func touchable(_ frame: Frame, _ rects: [Rect]) -> [[Bool]] {
    let pixel = frame.format.pixelFormat
    var result = bytes(frame).map { [Bool](repeating: false, count: $0.count) }
    for (c, component) in pixel.components.enumerated() {
      let (sx, sy) = pixel.isChroma(c) ? (pixel.log2ChromaWidth, pixel.log2ChromaHeight) : (0, 0)
      let size = component.depth + component.shift > 8 ? 2 : 1
      for rect in rects {
        for y in rect.y >> sy..<((rect.maxY - 1) >> sy) + 1 {
          for x in rect.x >> sx..<((rect.maxX - 1) >> sx) + 1 {
            let at = y * frame.planes[component.plane].stride + x * component.step + component.offset
            for i in 0..<size { result[component.plane][at + i] = true }
          }
        }
      }
    }
    return result
  }

  @Test func bytesOutsideOfTheCoveredRectanglesStay() throws {
    for pixel in TestFormats.all {
      let format = FrameFormat(pixelFormat: pixel, width: 321, height: 181)
      let source = TestPictures.standard(format)
      let composer = try Composer(input: format, layout: .overlay, style: allOverlays())
      let sample = sampleAnalysis(crop: Rect(x: 71, y: 1, width: 177, height: 179))
      let frame = TestPictures.standard(format)
      composer.draw(ShownFrame(source, sample, nil), on: frame)
      let rects = composer.covered.rects
      #expect(rects.count >= 7, "\(pixel.name): four sides, panel, mosaics, status")
      let canvas = try Canvas(format)
      for rect in rects {
        #expect(canvas.aligned(rect) == rect && rect.intersection(canvas.bounds) == rect, "\(rect)")
      }
      let allowed = touchable(frame, rects)
      let (before, after) = (bytes(source), bytes(frame))
      for plane in before.indices {
        let wrong = before[plane].indices.count { before[plane][$0] != after[plane][$0] && !allowed[plane][$0] }
        #expect(wrong == 0, "\(pixel.name) plane \(plane)")
        #expect(before[plane] != after[plane], "\(pixel.name) plane \(plane): something was drawn")
      }
    }
  }

  @Test(arguments: [PictureLayout.side, .below])
  func picturesBesideTheOverlaysStay(layout: PictureLayout) throws {
    for pixel in TestFormats.all {
      let format = FrameFormat(pixelFormat: pixel, width: 161, height: 121)
      let source = TestPictures.standard(format)
      source.pts = 77
      let composer = try Composer(input: format, layout: layout)
      let output = composer.outputFormat
      #expect(output.width % 4 == 0 && output.height % 4 == 0 && output.pixelFormat == pixel)
      let frame = Frame.allocated(output)
      composer.compose(source, ShownFrame(source, sampleAnalysis(), nil), into: frame)
      #expect(frame.pts == 77 && composer.covered.rects.count >= 2)
      for (c, component) in pixel.components.enumerated() {
        var wrong = 0
        for y in 0..<pixel.height(ofComponent: c, in: 121) {
          for x in 0..<pixel.width(ofComponent: c, in: 161) {
            wrong += frame.read(x, y, component) == source.read(x, y, component) ? 0 : 1
          }
        }
        #expect(wrong == 0, "\(pixel.name) component \(c)")
      }
    }
  }

  @Test func boxesNeverOverlapAndTextIsCached() throws {
    for (width, height) in [(160, 120), (161, 121), (90, 160), (48, 32), (8, 8), (1, 1), (640, 360), (360, 640)] {
      for layout in PictureLayout.allCases {
        for count in 0...6 {
          let format = FrameFormat(pixelFormat: .yuv420p, width: width, height: height)
          let composer = try Composer(input: format, layout: layout, style: allOverlays())
          let source = Frame.allocated(format)
          let shown = ShownFrame(source, sampleAnalysis(mosaics: count), nil)
          let frame = Frame.allocated(composer.outputFormat)
          composer.compose(source, shown, into: frame)
          let boxes = composer.covered.boxes
          for (i, a) in boxes.enumerated() {
            for b in boxes[(i + 1)...] { #expect(a.intersection(b).isEmpty, "\(width)x\(height) \(layout) \(count)") }
          }
          let misses = composer.textMisses
          composer.compose(source, shown, into: frame)
          #expect(composer.textMisses == misses)
        }
      }
    }
  }

  @Test func showsALayerAtAnyUsualSize() throws {
    for (width, height) in [(160, 120), (176, 144), (640, 360), (360, 640), (1280, 720)] {
      for layout in PictureLayout.allCases {
        let format = FrameFormat(pixelFormat: .yuv420p, width: width, height: height)
        let composer = try Composer(input: format, layout: layout)
        let source = Frame.allocated(format)
        let frame = Frame.allocated(composer.outputFormat)
        composer.compose(source, ShownFrame(source, sampleAnalysis(mosaics: 1), nil), into: frame)
        #expect(composer.covered.rects.count == 2, "\(width)x\(height) \(layout): panel and mosaic")
      }
    }
  }

  @Test func survivesBadValues() throws {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 320, height: 240)
    var style = allOverlays()
    style.order = .strength
    style.normalization = .layer
    style.channels = .list([3, -1, 99, 0, 3])
    let composer = try Composer(input: format, layout: .overlay, style: style)
    let values: [Float] = [.nan, .infinity, -.infinity, 1, .nan, 3e38, -3e38, 0, .nan, .nan, .nan, .nan, 1, 2, 3, 4]
    for isProbability in [true, false] {
      let name = String(repeating: "long ", count: 500)
      let analysis = Analysis(network: NetworkFacts(name: name, scoresAreProbabilities: isProbability))
      analysis.top = [
        ClassScore(label: "", index: 0, confidence: .nan),
        ClassScore(label: String(repeating: "w\0ä", count: 5000), index: 1, confidence: 2),
      ]
      analysis.crop = Rect(x: -50, y: -50, width: 9000, height: 100)
      analysis.layers = [layer("x", [1, 4, 2, 2], values), layer("none", [1, 0, 2, 2], values)]
      let source = Frame.allocated(format)
      composer.compose(source, ShownFrame(source, analysis, nil), into: Frame.allocated(format))
    }
    #expect(!composer.covered.rects.isEmpty)
  }
}
