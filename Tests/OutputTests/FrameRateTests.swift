import Foundation
import Frames
import TestSupport
import Testing

@testable import Media
@testable import Output

/// Frames that do not come at the rate that an output has.
@Suite struct FrameRateTests {
  private let format = FrameFormat(
    pixelFormat: .yuv420p, width: 16, height: 16, timeBase: Rational(1, 1000), frameRate: Rational(25, 1))

  private func write(_ times: [Int64], to path: String, _ format: FrameFormat? = nil) throws {
    let format = format ?? self.format
    let sink = try openSink(Destination(path), options: SinkOptions())
    try sink.open(format, companions: nil)
    for (index, time) in times.enumerated() { try sink.write(made(format, index, pts: time, duration: 0)) }
    try sink.finish()
  }

  /// 40 ms is a frame: pictures 1, 3 and 1 frames long, and two that come too early.
  private let variable: [Int64] = [2000, 2040, 2160, 2200, 2210, 2220, 2360]

  @Test(arguments: ["y4m", "yuv"]) func picturesAreRepeatedToTheClock(ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = "\(folder.path)/out.\(ending)"
      try write(variable, to: path)
      let read = ending == "yuv" ? "-f rawvideo -pixel_format yuv420p -video_size 16x16" : ""
      let hashes = try text(
        of: ["ffmpeg", "-v", "error"] + read.split(separator: " ").map(String.init) + [
          "-i", path, "-f", "framemd5", "-",
        ]
      ).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
        $0.split(separator: ",").last.map(String.init)
      }
      // Which picture each frame shows.
      var seen: [String] = []
      for hash in hashes where !seen.contains(hash) { seen.append(hash) }
      let shown = hashes.map { seen.firstIndex(of: $0) }
      #expect(shown == [0, 1, 1, 1, 2, 3, 4, 5, 5, 6])
    }
  }

  /// How long the last picture stands is not known: FFmpeg's programs take the median of the last three pictures.
  @Test func theLastPictureStandsAsLongAsOthers() throws {
    try TestData.withTemporaryFolder { folder in
      try write([0, 40, 280, 560], to: "\(folder.path)/out.y4m")
      #expect(try Probe.frames("\(folder.path)/out.y4m").count == 14 + 5)
    }
  }

  @Test func motionJPEGIsRepeatedToo() throws {
    try TestData.withTemporaryFolder { folder in
      try write(variable, to: "\(folder.path)/out.mjpeg")
      #expect(try Probe.frames("\(folder.path)/out.mjpeg").count == 10)
    }
  }

  @Test func constantRatesStayAsTheyAre() throws {
    try TestData.withTemporaryFolder { folder in
      // 30000/1001 in whole milliseconds.
      var format = format
      format.frameRate = Rational(30000, 1001)
      try write((0..<60).map { Int64((Double($0) * 1001 / 30).rounded()) }, to: "\(folder.path)/out.y4m", format)
      #expect(try Probe.frames("\(folder.path)/out.y4m").count == 60)
    }
  }

  /// Each picture is written once: their number is the number of frames.
  @Test func sequencesHaveEachPictureOnce() throws {
    try TestData.withTemporaryFolder { folder in
      try write(variable, to: "\(folder.path)/%02d.png")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == variable.count)
    }
  }

  /// A GIF counts hundredths of a second.
  @Test(arguments: [(120, 50), (100, 100), (60, 60), (240, 50), (1000, 100)]) func fastFramesIntoGIF(
    rate: Int, count: Int
  ) throws {
    try TestData.withTemporaryFolder { folder in
      let path = "\(folder.path)/out.gif"
      let frames = rate == 240 || rate == 120 ? rate / 2 : rate
      var format = format
      (format.timeBase, format.frameRate) = (Rational(1, rate), Rational(rate, 1))
      try write((0..<frames).map(Int64.init), to: path, format)
      // Otherwise FFmpeg reads a hundredth as a tenth.
      let times = try text(
        of: "ffprobe -v error -min_delay 1 -show_entries packet=pts_time -of csv=p=0 \(path)".split(separator: " ").map(
          String.init)
      ).split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }
      #expect(abs(times.count - count) <= 1 && zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 0.0099 })
    }
  }

  @Test func twoFramesInAHundredthOfASecond() throws {
    try TestData.withTemporaryFolder { folder in
      try write([0, 40, 44, 80, 120], to: "\(folder.path)/out.gif")
      #expect(try Probe.times("\(folder.path)/out.gif").count == 4)
    }
  }

  @Test func rateIsWatched() {
    var watch = RateWatch()
    for time: Int64 in [0, 40, 80, 121, 160] { watch.note(made(format, 0, pts: time)) }
    #expect(!watch.isVariable)
    watch.note(made(format, 0, pts: 240))
    #expect(watch.isVariable)
  }
}
