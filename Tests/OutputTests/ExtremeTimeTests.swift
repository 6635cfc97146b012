import CFFmpeg
import Frames
import Testing

@testable import Output

/// Time stamps of damaged files can be anything: the nearest possible one is used, and nothing traps.
@Suite struct ExtremeTimeTests {
  @Test func framesAtTheEndOfTime() {
    let format = FrameFormat(pixelFormat: .yuv420p, width: 16, height: 16)
    var clock = FrameClock(format, countsFrames: false, constantRate: false)
    let frame = Frame(format)
    let stamps = [Int64.max - 1, .max, .max, .min, nil].map { pts in
      (frame.pts, frame.duration) = (pts, .max)
      return clock.enter(frame)
    }
    #expect(stamps == [.max - 1, .max, .max, .max, .max])
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
