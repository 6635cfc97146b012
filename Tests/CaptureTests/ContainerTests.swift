import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// What a container says of its streams: which is the video, how its pixels are shaped, which files belong to a sequence.
@Suite struct ContainerTests {
  /// A picture or two of a larger size beside the film.
  private func two(_ folder: URL, _ name: String, options: String = "") throws -> String {
    try Reference.make(
      folder.appendingPathComponent(name),
      "-f lavfi -i testsrc2=size=320x240:rate=25:duration=0.08 -f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -map 0 -map 1 "
        + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p \(options)"
    ).path
  }

  @Test(arguments: ["a.mp4", "a.mov", "a.mkv"]) func theFilmIsTheVideo(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      for options in ["", "-disposition:v:0 default -disposition:v:1 0"] {
        let decoded = try decode(two(folder, name, options: options))
        #expect(decoded.format.width == 160 && decoded.times.count == 50, "\(options)")
      }
    }
  }

  @Test func theVideoCanBeNamed() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try two(folder, "a.mkv")
      for (number, width, count) in [(0, 320, 2), (1, 160, 50)] {
        var options = SourceOptions()
        options.videoStream = number
        let decoded = try decode(path, options)
        #expect(decoded.format.width == width && decoded.times.count == count)
      }
      var options = SourceOptions()
      options.videoStream = 2
      let error = #expect(throws: UserError.self) { try openSource(SourceAddress(path), options: options) }
      #expect(error?.kind == .usage && error?.description.contains("2 videos, numbers 0 to 1") == true)
    }
  }

  /// The bit stream says 27:64, the container something else; where that says nothing the bit stream is right.
  @Test(arguments: [
    ("a.mp4", "h264", "-aspect 4:3"), ("a.mkv", "h264", "-aspect 16:9"), ("a.mov", "mpeg4", "-aspect 4:3"),
    ("a.ts", "h264", ""),
    ("a.3gp", "h263", "-aspect 4:3"),
  ]) func theContainerSaysTheAspect(name: String, codec: String, options: String) throws {
    try TestData.withTemporaryFolder { folder in
      let plain = try Reference.make(
        folder.appendingPathComponent("plain.\(codec == "h264" ? "flv" : "avi")"),
        "-f lavfi -i testsrc2=size=352x288:rate=25:duration=0.4 -vf setsar=27/64 -pix_fmt yuv420p -c:v \(codec) -bf 0")
      let path = try Reference.make(folder.appendingPathComponent(name), "-i \(plain.path) -c copy \(options)").path
      let told = try text(of: [
        "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=sample_aspect_ratio", "-of",
        "csv=p=0", path,
      ]).split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
      #expect(told.count >= 2)
      let found = try openSource(SourceAddress(path)).format.sampleAspectRatio
      #expect(found == Rational(told[0], told[1]), "\(path)")
    }
  }

  /// Pictures of DNxHD tell no aspect, and have sizes for several.
  @Test(arguments: ["a.mov", "a.mkv"], ["", "-aspect 4:3", "-aspect 1:1"])
  func theContainerSaysTheAspectOfDNxHD(name: String, options: String) throws {
    try TestData.withTemporaryFolder { folder in
      let plain = try Reference.make(
        folder.appendingPathComponent("plain.mov"),
        "-f lavfi -i testsrc2=size=1280x720:rate=25:duration=0.1 -vf setsar=9/10 -pix_fmt yuv422p -c:v dnxhd -b:v 60M")
      let path = try Reference.make(folder.appendingPathComponent(name), "-i \(plain.path) -c copy \(options)").path
      let expected = ["": Rational(9, 10), "-aspect 4:3": Rational(3, 4), "-aspect 1:1": Rational(9, 16)][options]
      #expect(try openSource(SourceAddress(path)).format.sampleAspectRatio == expected)
    }
  }

  /// The files that are there, in the order of their numbers.
  @Test(arguments: [
    ("%03d.png", [1, 2, 3, 4, 5, 7, 8, 9, 10]), ("f%d.png", [3, 9, 10, 11, 200]), ("%02d.png", [98, 99, 100, 102]),
  ])
  func sequencesWithGaps(pattern: String, numbers: [Int]) throws {
    try TestData.withTemporaryFolder { folder in
      let one = try Reference.make(
        folder.appendingPathComponent("all%d.png"),
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.4 -pix_fmt rgb24 -start_number 0")
      let all = one.deletingLastPathComponent()
      for (index, number) in numbers.enumerated() {
        let name = String(format: pattern, number)
        try FileManager.default.copyItem(
          at: all.appendingPathComponent("all\(index).png"), to: folder.appendingPathComponent(name))
      }
      let path = folder.appendingPathComponent(pattern).path
      let decoded = try decode(path)
      #expect(decoded.times == numbers.indices.map { Int64($0) } && decoded.counters.damagedPackets == 0)
      for index in numbers.indices {
        #expect(decoded.picture(index) == (try Reference.samples(folder.path + "/all\(index).png", decoded.format)))
      }
      #expect(decoded.info.frameCount == numbers.count)
      var options = SourceOptions()
      options.start = 0.08
      let cut = try decode(path, options)
      #expect(cut.times == numbers.dropFirst(2).indices.map { Int64($0 - 2) } && cut.picture(0) == decoded.picture(2))
      options.start = nil
      options.loop = true
      #expect(try decode(path, options, limit: 13).times == (0..<13).map { Int64($0) })
    }
  }

  @Test func gapsAreNamed() throws {
    try TestData.withTemporaryFolder { folder in
      for number in [1, 2, 4, 8, 9, 20] {
        try Data("x".utf8).write(to: folder.appendingPathComponent("a\(number).png"))
      }
      // Not of this pattern.
      for name in ["a03.png", "b3.png", "a3.jpg", "a-3.png", "a99999999999999999999.png"] {
        try Data("x".utf8).write(to: folder.appendingPathComponent(name))
      }
      let list = try PictureList(folder.path + "/a%d.png")
      #expect(list.missing == "3, 5 to 7, 10 to 19")
      #expect(list.files.map { ($0 as NSString).lastPathComponent } == [1, 2, 4, 8, 9, 20].map { "a\($0).png" })
    }
  }

  /// Tracks of data without a known codec, at the end of a file that is cut off, do not hold up the video.
  @Test(.enabled(if: TestData.hasShared)) func unusedTracksBlockNothing() throws {
    let decoded = try decode(TestData.file("cases/clips/truncated-unused-tracks.mp4").path)
    #expect(decoded.times.count == 119)
  }

  /// A file cut in its middle. Its track of a kind that FFmpeg does not know begins with the video and is stored behind the cut.
  @Test func unknownTracksBehindTheEndBlockNothing() throws {
    try TestData.withTemporaryFolder { folder in
      try Data("1\n00:00:00,000 --> 00:00:03,900\nmark\n".utf8).write(to: folder.appendingPathComponent("s.srt"))
      let path = try Reference.make(
        folder.appendingPathComponent("a.mp4"),
        "-f lavfi -i testsrc2=size=160x120:rate=25:duration=4 -f lavfi -i sine=duration=4 -i \(folder.path)/s.srt "
          + "-c:v libx264 -g 25 -bf 0 -pix_fmt yuv420p -c:a aac -c:s mov_text -movflags faststart")
      var data = try Data(contentsOf: path)
      let table = try #require(data.range(of: Data("stco".utf8), options: .backwards))
      let end = UInt32(data.count)
      for entry in 0..<Int(data[table.upperBound + 7]) {
        let place = table.upperBound + 8 + 4 * entry
        data.replaceSubrange(place..<place + 4, with: (0..<4).map { UInt8(truncatingIfNeeded: end >> (24 - 8 * $0)) })
      }
      for (old, new) in [("tx3g", "zzzz"), ("sbtl", "zzzz")] {
        let name = try #require(data.range(of: Data(old.utf8)))
        data.replaceSubrange(name, with: Data(new.utf8))
      }
      let media = try #require(data.range(of: Data("mdat".utf8))).upperBound
      let cut = folder.appendingPathComponent("cut.mp4")
      try data.prefix(media + (data.count - media) / 2).write(to: cut)
      let there = try Reference.times(cut.path).count
      let decoded = try decode(cut.path)
      #expect(there > 30 && there < 90 && decoded.times.count == there, "\(decoded.times.count) of \(there)")
    }
  }

  @Test(.enabled(if: TestData.hasShared)) func timesAreInOrder() throws {
    let path = TestData.file("cases/clips/vc1-bframes-pts.mp4").path
    let times = try decode(path).times.compactMap { $0 }
    #expect(times.count > 100 && zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    let best = try text(of: [
      "ffprobe", "-v", "quiet", "-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp", "-of",
      "csv=p=0", path,
    ]).split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Int64($0) }
    // The last two have the same one.
    #expect(times.dropLast() == best.dropLast())
  }
}
