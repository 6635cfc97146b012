import CFFmpeg
import Foundation
import Frames
import Media
import TestSupport
import Testing

@testable import Capture

/// The clips that ship with the program are what they are said to be.
@Suite struct SampleClipTests {
  private func sample(_ name: String) -> String {
    TestData.root.appendingPathComponent("Samples/\(name)").path
  }

  private func bytes(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  @Test(arguments: [
    ("fovea-sample.mp4", 1280, 720, 12.0...20.0, 4_000_000), ("fovea-sample-tiny.mp4", 320, 180, 3.0...4.0, 200_000),
  ])
  func keepsItsPromise(name: String, width: Int, height: Int, seconds: ClosedRange<Double>, limit: Int) throws {
    #expect(try bytes(sample(name)) <= limit)
    let source = try openSource(SourceAddress(sample(name)))
    let format = source.format
    #expect(format.width == width && format.height == height && format.pixelFormat == .yuv420p)
    #expect(format.frameRate == Rational(30, 1) && format.fieldOrder == .progressive)
    #expect(format.color.matrix == 1 && format.color.range == .limited)
    #expect(seconds.contains(try #require(source.info.duration)))
    let companions = try #require(source.info.companions as? MediaCompanions)
    #expect(companions.video.codecName == "h264")
    #expect(companions.streams.map(\.codecName) == ["aac"])

    let decoded = try decodeTimes(source)
    #expect(decoded.damaged == 0 && seconds.contains(Double(decoded.times.count) / 30))
    let unit = format.timeBase.value
    let late = decoded.times.enumerated().filter { abs(Double($1 ?? -1) * unit - Double($0) / 30) > 0.001 }
    #expect(late.isEmpty)
    #expect(decoded.sound > decoded.times.count)
  }

  @Test func theStillIsOneOfItsPictures() throws {
    let still = try openSource(SourceAddress(sample("fovea-sample.jpg")))
    #expect(still.format.width == 1280 && still.format.height == 720)
  }

  /// The times of all frames, and how many packets of sound came along; pictures are not kept.
  private func decodeTimes(_ source: any FrameSource) throws -> (times: [Int64?], sound: Int, damaged: Int) {
    final class Count { var value = 0 }
    let packets = Count()
    source.onCompanion = { _ in packets.value += 1 }
    let frame = Frame(source.format)
    var times: [Int64?] = []
    while try source.read(into: frame) { times.append(frame.pts) }
    return (times, packets.value, source.counters.damagedPackets)
  }
}
