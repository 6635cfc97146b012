import CFFmpeg
import Frames
import TestSupport
import Testing

@testable import Output

/// Time stamps of damaged files can be anything: the nearest possible one is used, and nothing traps.
@Suite struct ExtremeTimeTests {
  @Test func framesAtTheEndOfTime() throws {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 16, height: 16)
    var clock = FrameClock(format, countsFrames: false, for: try OutputFormat.named("mkv"))
    let frame = Frame(format)
    let stamps = [Int64.max - 1, .max, .max, .min, nil].map { pts in
      (frame.pts, frame.duration) = (pts, .max)
      return clock.enter(frame)
    }
    #expect(stamps == [.max - 1, .max, .max, .max, .max])
  }

  /// A gap that a container cannot tell is made as long as it can.
  @Test(arguments: [
    "mp4": Int64(1 << 30), "avi": 2_400_000, "flv": 1_000_000_000, "gif": 655_000, "mkv": 10_000_000_000,
  ])
  func longGaps(name: String, gap: Int64) throws {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 16, height: 16, frameRate: Rational(25, 1))
    let output = try OutputFormat.named(name)
    var clock = FrameClock(format, countsFrames: false, for: output)
    let frame = Frame(format)
    let stamps = [0, 40, 10_000_000_040, 10_000_000_080].map { (time: Int64) in
      frame.pts = time
      return clock.enter(frame) ?? -1
    }
    let unit: Int64 = name == "avi" ? 40 : 1
    #expect(stamps.map { $0 * unit } == [0, 40, 40 + gap, 80 + gap])
    #expect(clock.secondsCut == Double(10_000_000_000 - gap) / 1000)
  }

  /// Pictures that lie hours and months apart end no muxer.
  @Test(
    arguments: ["mp4", "mov", "mkv", "webm", "flv", "avi", "gif", "ts", "nut"], [Int64(25_200_000), 8_640_000_000])
  func longGapsAreWritten(ending: String, gap: Int64) throws {
    try TestData.withTemporaryFolder { folder in
      let format = FrameFormat(pixelFormat: .yuv420p, width: 64, height: 48, frameRate: Rational(25, 1))
      let sink = try openSink(Destination("\(folder.path)/out.\(ending)"), options: SinkOptions())
      try sink.open(format, companions: nil)
      for index in 0..<20 {
        try sink.write(made(format, index, pts: Int64(index) * 40 + (index < 10 ? 0 : gap), duration: 40))
      }
      try sink.finish()
      #expect(try Probe.frames("\(folder.path)/out.\(ending)").count == 20)
    }
  }

  @Test func packetsFromEndToEnd() {
    var span = StreamSpan()
    var packet = AVPacket()
    for (time, duration) in [(Int64.min + 1, Int64.max), (0, 1), (.max, .max)] {
      (packet.pts, packet.dts, packet.duration) = (time, time, duration)
      span.add(packet)
    }
    #expect(span.lastShown == .max && span.lastShownDuration == 0 && span.lastDuration == 0)
  }

  @Test func sumsAndDifferencesStopAtTheEnds() {
    #expect(Int64.max.addingClamped(1) == .max && Int64.min.addingClamped(-1) == .min)
    #expect(Int64.min.subtractingClamped(1) == .min && Int64.max.subtractingClamped(-1) == .max)
    #expect(Int64(3).addingClamped(-4) == -1 && Int64(3).subtractingClamped(4) == -1)
    #expect(Int64(clampedRounding: 1e300) == .max && Int64(clampedRounding: -.infinity) == .min)
    #expect(Int64(clampedRounding: .nan) == 0 && Int64(clampedRounding: 2.5) == 3)
  }
}
