import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture
@testable import Media
@testable import Output

@Suite struct RoundTripTests {
  private static let pattern = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=2"

  /// Lossless there and back: the same samples in every container, with the frame's own pixel format.
  @Test(arguments: [
    ("mkv", "ffv1", "yuv420p"), ("mkv", "ffv1", "yuv422p10le"), ("mkv", "libx264", "yuv444p"),
    ("mp4", "libx264", "yuv420p"), ("mp4", "libx264", "yuv420p10le"), ("mov", "libx264", "yuv422p"),
    ("avi", "ffv1", "yuv420p"), ("webm", "libvpx-vp9", "yuv420p"),
  ])
  func losslessIsBitExact(_ ending: String, _ codec: String, _ pixelFormat: String) throws {
    try TestData.withTemporaryFolder { folder in
      let (input, output) = (folder.path + "/in.mkv", folder.path + "/out.\(ending)")
      try Probe.ffmpeg("\(Self.pattern) -pix_fmt \(pixelFormat) -c:v ffv1", input)
      var options = SinkOptions(codec: codec)
      if codec == "libx264" { options.crf = 0 }
      if codec == "libvpx-vp9" { (options.crf, options.bitrate) = (4, nil) }
      try transcode(input, to: output, options)
      #expect(try Probe.stream(output, "pix_fmt") == pixelFormat)
      if codec == "libvpx-vp9" {
        #expect(try Probe.frames(output).count == 50)
      } else if codec == "libx264", pixelFormat.hasSuffix("10le") {
        // libx264 takes crf 0 for lossless at 8 bits only.
        #expect(try Probe.frames(output).count == 50)
      } else {
        #expect(try Probe.frames(output) == Probe.frames(input))
      }
      #expect(try Probe.times(output) == Probe.times(input))
    }
  }

  /// PNG wants big-endian words, which no frame of ours has.
  @Test(arguments: ["rgb48le", "rgba64le", "gray16le"]) func sixteenBitsStay(_ pixelFormat: String) throws {
    try TestData.withTemporaryFolder { folder in
      let (input, output) = (folder.path + "/in.mkv", folder.path + "/out.png")
      try Probe.ffmpeg(
        "-f lavfi -i testsrc2=size=161x121:rate=1:duration=1,format=yuv444p16le,noise=alls=9 -pix_fmt \(pixelFormat) -c:v ffv1",
        input)
      try transcode(input, to: output)
      #expect(try Probe.stream(output, "pix_fmt") == pixelFormat.replacing("le", with: "be"))
      let format = "-pix_fmt \(pixelFormat)"
      #expect(try Probe.frames(output, format) == Probe.frames(input, format))
    }
  }

  /// Variable rate, a late start, several time bases: each time stamp comes out as it went in.
  @Test(arguments: ["mp4", "mov", "mkv", "nut"], [Rational(1, 1000), Rational(1, 90000), Rational(1001, 30000)])
  func everyTimeStampSurvives(_ ending: String, _ base: Rational) throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.\(ending)"
      let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48, timeBase: base)
      // Whole milliseconds at 1/1000 and 1/90000, any at 1001/30000 but in Matroska, whose ticks are milliseconds.
      let step: Int64 = base.numerator == 1 ? Int64(base.denominator / 1000) : 1
      let times = [5000, 5040, 5041, 5200, 6400, 6440, 8001, 8002, 9000].map {
        Int64($0) * step / (step == 1 && base.numerator > 1 ? 100 : 1)
      }
      let unique = times.enumerated().map { $1 + Int64($0) }
      let sink = try openSink(Destination(output), options: SinkOptions(keepsStart: true))
      try sink.open(format, companions: nil)
      for (index, time) in unique.enumerated() { try sink.write(made(format, index, pts: time, duration: 3 * step)) }
      try sink.finish()
      let expected = unique.map { Double($0) * base.value }
      let found = try Probe.times(output)
      #expect(found.count == expected.count)
      let tolerance = ending == "mkv" ? 0.000501 : 0.000001
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= tolerance, "\(a) for \(b)") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.\(ending)"])
    }
  }

  @Test func lastDurationSurvives() throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.mp4"
      let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48)
      let sink = try openSink(Destination(output), options: SinkOptions())
      try sink.open(format, companions: nil)
      for (index, time) in [0, 40, 80].enumerated() {
        try sink.write(made(format, index, pts: Int64(time), duration: index == 2 ? 500 : 40))
      }
      try sink.finish()
      #expect(abs((Double(try Probe.stream(output, "duration")) ?? 0) - 0.58) < 0.0001)
    }
  }

  @Test func missingTimeStampsAreMadeFromTheRate() throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.mkv"
      let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48, frameRate: Rational(20, 1))
      let sink = try openSink(Destination(output), options: SinkOptions())
      try sink.open(format, companions: nil)
      for index in 0..<4 { try sink.write(made(format, index, pts: nil)) }
      try sink.finish()
      #expect(try Probe.times(output) == [0, 0.05, 0.1, 0.15])
    }
  }

  @Test func colourAspectAndRangeAreWritten() throws {
    try TestData.withTemporaryFolder { folder in
      for ending in ["mp4", "mkv", "mov"] {
        let output = folder.path + "/out.\(ending)"
        var format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48, sampleAspectRatio: Rational(4, 3))
        format.color = ColorDescription(range: .full, matrix: 9, primaries: 9, transfer: 16, chromaLocation: 3)
        format.fieldOrder = .topFirst
        let sink = try openSink(Destination(output), options: SinkOptions())
        try sink.open(format, companions: nil)
        for index in 0..<4 { try sink.write(made(format, index, pts: Int64(index * 40))) }
        try sink.finish()
        let entries =
          "sample_aspect_ratio,color_range,color_space,color_transfer,color_primaries,chroma_location,field_order"
        #expect(try Probe.stream(output, entries) == "4:3,pc,bt2020nc,smpte2084,bt2020,topleft,tt", "\(ending)")
      }
    }
  }

  /// 161x121 with 4:2:0: x264 gets a column and a row more, VP9 and FFV1 take it as it is.
  @Test(arguments: [
    ("mp4", "libx264", "162,122"), ("webm", "libvpx-vp9", "161,121"), ("mkv", "ffv1", "161,121"),
    ("avi", "mpeg4", "161,121"),
  ])
  func oddSizesWork(_ ending: String, _ codec: String, _ size: String) throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.\(ending)"
      let format = FrameFormat(pixelFormat: .yuv420p, width: 161, height: 121)
      let sink = try openSink(
        Destination(output), options: SinkOptions(codec: codec, crf: codec == "libx264" ? 0 : nil))
      try sink.open(format, companions: nil)
      for index in 0..<3 { try sink.write(made(format, index, pts: Int64(index * 40))) }
      try sink.finish()
      #expect(try Probe.stream(output, "width,height") == size)
      #expect(try Probe.frames(output).count == 3)
      guard codec == "libx264" else { return }
      let exact = folder.path + "/exact.mkv"
      let reference = try openSink(Destination(exact), options: SinkOptions(codec: "ffv1"))
      try reference.open(format, companions: nil)
      for index in 0..<3 { try reference.write(made(format, index, pts: Int64(index * 40))) }
      try reference.finish()
      #expect(try Probe.frames(output, "-vf crop=161:121:0:0:exact=1") == Probe.frames(exact))
    }
  }

  @Test func rgbBecomesPlayableVideoOfTheSameColours() throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.mp4"
      let format = FrameFormat(pixelFormat: .rgb24, width: 64, height: 48)
      let sink = try openSink(Destination(output), options: SinkOptions(crf: 1))
      try sink.open(format, companions: nil)
      let frame = Frame.allocated(format)
      for y in 0..<48 {
        for x in 0..<64 {
          let pixel = frame.planes[0].base! + y * frame.planes[0].stride + 3 * x
          for (c, value) in [UInt8(200), 40, 90].enumerated() {
            pixel.storeBytes(of: value, toByteOffset: c, as: UInt8.self)
          }
        }
      }
      frame.pts = 0
      try sink.write(frame)
      try sink.finish()
      #expect(try Probe.stream(output, "pix_fmt,color_range,color_space") == "yuv420p,tv,smpte170m")
      let pixels = try pixel(output)
      for (found, expected) in zip(pixels, [200, 40, 90]) { #expect(abs(Int(found) - expected) <= 3, "\(pixels)") }
    }
  }

  @Test func gifKeepsColoursAndTimes() throws {
    try TestData.withTemporaryFolder { folder in
      let (input, output) = (folder.path + "/in.mkv", folder.path + "/out.gif")
      try Probe.ffmpeg("-f lavfi -i color=0xC8285A:size=64x48:rate=10:duration=1 -pix_fmt yuv444p -c:v ffv1", input)
      try transcode(input, to: output)
      #expect(try Probe.frames(output).count == 10)
      #expect(try Probe.times(output) == Probe.times(input))
      for (found, expected) in zip(try pixel(output), [200, 40, 90]) { #expect(abs(Int(found) - expected) <= 3) }
    }
  }

  /// Pictures show the same colours in each format: matrix and range are converted, not only told.
  @Test(arguments: ["png", "jpg", "bmp", "tiff", "webp"], [ColorDescription.Range.limited, .full])
  func picturesShowTheSameColours(_ ending: String, _ range: ColorDescription.Range) throws {
    try TestData.withTemporaryFolder { folder in
      var format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48)
      format.color = ColorDescription(range: range, matrix: 6)
      let frame = Frame.allocated(format)
      // BT.601 (equation 2.5.1): Y, Cb, Cr of R'G'B' 200, 40, 90 in both ranges.
      let samples: [UInt8] = range == .full ? [94, 126, 204] : [96, 126, 195]
      for (plane, value) in samples.enumerated() {
        let rows = plane == 0 ? 48 : 24
        frame.planes[plane].base!.initializeMemory(
          as: UInt8.self, repeating: value, count: rows * frame.planes[plane].stride)
      }
      frame.pts = 0
      let sink = try openSink(Destination("\(folder.path)/o.\(ending)"), options: SinkOptions())
      try sink.open(format, companions: nil)
      try sink.write(frame)
      try sink.finish()
      let found = try pixel("\(folder.path)/o.\(ending)")
      for (found, expected) in zip(found, [200, 40, 90]) { #expect(abs(Int(found) - expected) <= 4, "\(found)") }
    }
  }

  /// The first pixel, as ffmpeg shows it in RGB.
  private func pixel(_ path: String) throws -> [UInt8] {
    let raw = path + ".rgb"
    try text(of: ["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", raw])
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)).prefix(3))
  }
}
