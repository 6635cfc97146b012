import CFFmpeg
import Frames
import Telemetry
import Testing

@testable import Media

@Suite struct FrameTests {
  private func frame(_ format: PixelFormat, _ width: Int, _ height: Int, value: UInt8) -> Frame {
    let frame = Frame.allocated(FrameFormat(pixelFormat: format, width: width, height: height))
    for plane in 0..<format.planeCount {
      guard let base = frame.planes[plane].base else { continue }
      for y in 0..<format.rows(ofPlane: plane, height: height) {
        (base + y * frame.planes[plane].stride).initializeMemory(
          as: UInt8.self, repeating: value, count: format.rowBytes(ofPlane: plane, width: width))
      }
    }
    return frame
  }

  @Test func viewsShareMemory() throws {
    let frame = frame(.yuv420p, 33, 17, value: 77)
    (frame.pts, frame.format.color.matrix, frame.format.sampleAspectRatio) = (41, 9, Rational(4, 3))
    let view = try AVFrameView()
    let shown = try withExtendedLifetime(view) { try view.show(frame).pointee }
    #expect(UnsafeMutableRawPointer(shown.data.1) == frame.planes[1].base && shown.buf.0 == nil)
    #expect(shown.pts == 41 && shown.colorspace.rawValue == 9 && shown.sample_aspect_ratio.num == 4)
    #expect(shown.width == 33 && shown.format == AV_PIX_FMT_YUV420P.rawValue)
  }

  @Test func adoptedPicturesAreReferredTo() throws {
    let source = try AVFrameBox()
    try source.allocate(AV_PIX_FMT_GRAY8, width: 40, height: 30)
    let data = source.pointer.pointee.data.0
    let frame = Frame(FrameFormat(pixelFormat: .gray, width: 40, height: 30))
    try frame.adopt(source.pointer)
    #expect(frame.planes[0].base == UnsafeMutableRawPointer(data) && source.pointer.pointee.data.0 == nil)
    let view = try AVFrameView()
    let shown = try view.show(frame)
    #expect(shown.pointee.data.0 == data && av_buffer_get_ref_count(shown.pointee.buf.0) == 2)
    view.clear()
    // No other frame refers to the memory: it is used again.
    let box = try frame.avFrameBox()
    try box.allocate(AV_PIX_FMT_GRAY8, width: 40, height: 30)
    #expect(box.pointer.pointee.data.0 == data)
  }

  @Test(arguments: [PixelFormat.yuv420p, .yuv444p, .gray, .rgb24])
  func letterboxesInBlack(format: PixelFormat) throws {
    let (source, target) = (frame(format, 40, 80, value: 200), frame(format, 100, 50, value: 99))
    let place = Placement.letterbox(source.format, in: target.format)
    #expect(place.height == 50 && abs(place.width - 25) <= 1 && abs(place.x - 37) <= 1 && place.y == 0)
    let scaler = try PictureScaler(
      from: source.format, as: format.ffmpeg, to: target.format, placement: place)
    let view = try AVFrameView()
    try withExtendedLifetime(view) { try scaler.scale(view.show(source), into: target.planes) }
    let step = format.components[0].step
    for y in 0..<50 {
      for x in 0..<100 {
        let value = target.planes[0].base?.load(fromByteOffset: y * target.planes[0].stride + x * step, as: UInt8.self)
        let inside = x >= place.x && x < place.x + place.width
        #expect(inside ? (value ?? 0) >= 199 : (value ?? 255) <= 16)
      }
    }
  }

  @Test func letterboxesKeepTheShapeSeen() {
    let target = FrameFormat(pixelFormat: .yuv420p, width: 720, height: 576, sampleAspectRatio: Rational(16, 15))
    let wide = FrameFormat(pixelFormat: .yuv420p, width: 1920, height: 1080)
    let place = Placement.letterbox(wide, in: target)
    #expect(place.width == 720 && place.height == 432 && place.y == 72)
    #expect(Placement.letterbox(target, in: target) == Placement(x: 0, y: 0, width: 720, height: 576))
    let thin = FrameFormat(pixelFormat: .yuv420p, width: 1, height: 16384)
    #expect(Placement.letterbox(thin, in: target).width == 2)
  }
}
