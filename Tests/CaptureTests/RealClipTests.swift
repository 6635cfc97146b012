import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

@Suite(.enabled(if: TestData.hasShared)) struct RealClipTests {
  @Test(arguments: [
    "SampleVideo_1280x720_1mb.mp4", "bear-vp9-odd-dimensions.webm", "bottle-detection.mp4", "car-detection.mp4",
    "carphone_pristine.mp4", "cockatoo_yuv420.mp4", "fate_interlaced_crop.mp4", "fate_vfr_test-4867.flv",
    "flipping_a_pancake.mkv", "h264_10bits.mp4", "newtonscradle.gif", "rot_90.mov", "corrupted.mp4",
  ])
  func decodesAsFFmpegDoes(clip: String) throws {
    let path = TestData.file("videos/\(clip)").path
    let decoded = try decode(path, limit: 60)
    let times = try Reference.times(path)
    #expect(decoded.times == Array(times.prefix(decoded.times.count)))
    #expect(decoded.times.count == min(60, times.count))
    let samples = try Reference.samples(path, decoded.format, options: ["-frames:v", "60"])
    #expect(decoded.samples == samples, "\(clip) \(decoded.samples.count) \(samples.count)")
  }

  @Test func countsEveryFrameOfTheCars() throws {
    let source = try openSource(SourceAddress(TestData.file("videos/car-detection.mp4").path))
    #expect(source.info.frameCount == 377)
    let frame = Frame(source.format)
    var count = 0
    while try source.read(into: frame) { count += 1 }
    #expect(count == 377)
    #expect(frame.sequence == 376)
  }
}
