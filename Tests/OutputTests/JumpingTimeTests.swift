import CFFmpeg
import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture
@testable import Media
@testable import Output

/// Transport streams that were joined or recorded across a wrap of the clock, into every container: time goes on, sound stays in step.
@Suite struct JumpingTimeTests {
  /// Two seconds of picture and sound whose clock begins at this many seconds.
  private func part(
    _ folder: URL, _ start: Double, options: String = "-bf 2", sound: String = "aac", ending: String = "ts"
  ) throws -> Data {
    let path = folder.path + "/part-\(start).\(ending)"
    try Probe.ffmpeg(
      "-f lavfi -i testsrc2=size=96x64:rate=25:duration=2 -f lavfi -i sine=duration=2 -c:v libx264 -preset ultrafast -g 25 "
        + "\(options) -c:a \(sound) -ac 1 -output_ts_offset \(start)", path)
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  private func joined(
    _ folder: URL, _ starts: [Double], options: String = "-bf 2", sound: String = "aac", ending: String = "ts"
  ) throws
    -> String
  {
    let path = folder.path + "/in.\(ending)"
    let parts = try starts.map { try part(folder, $0, options: options, sound: sound, ending: ending) }
    try parts.reduce(Data(), +).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func soundTimes(_ path: String) throws -> [Double] {
    try text(of: [
      "ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path,
    ]).split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }
  }

  /// Pictures every 40 ms, give or take what is lost at a seam, and sound that ends with them.
  private func expectEvenTime(_ path: String, frames: ClosedRange<Int>, seconds: Double, hasSound: Bool) throws {
    let times = try Probe.times(path)
    #expect(frames.contains(times.count), "\(times.count) frames in \(path)")
    let steps = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { (0.019...0.17).contains($0) }, "\(path): \(steps.min() ?? 0) to \(steps.max() ?? 0)")
    let length = (times.last ?? 0) - (times.first ?? 0) + 0.04
    #expect(abs(length - seconds) < 0.25, "\(length) s in \(path)")
    guard hasSound else { return }
    let sound = try soundTimes(path)
    #expect(abs((sound.last ?? 0) - (times.last ?? 0)) < 0.2 && abs((sound.first ?? 9) - (times.first ?? 0)) < 0.2)
    #expect(zip(sound, sound.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 < 0.2 }, "\(path)")
  }

  @Test(
    arguments: [
      [1.4, 1.4], [101.4, 1.4], [10, 10.5], [20, 12], [60, 10], [1.4, 101.4], [1.4, 25200], [1.4, 101.4, 50, 95000],
    ],
    ["mp4", "mov", "mkv", "webm", "flv", "avi", "gif"])
  func timeGoesOn(starts: [Double], ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.\(ending)"
      try transcode(try joined(folder, starts), to: output)
      let count = starts.count * 50
      try expectEvenTime(
        output, frames: count - 2 * starts.count...count, seconds: Double(starts.count) * 2,
        hasSound: !["webm", "gif"].contains(ending))
    }
  }

  @Test(arguments: ["vob", "mpg"]) func programStreamsGoOnToo(ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.mp4"
      try transcode(
        try joined(folder, [0, 500, 3], options: "-c:v mpeg2video", sound: "mp2", ending: ending), to: output)
      try expectEvenTime(output, frames: 140...150, seconds: 6, hasSound: true)
    }
  }

  /// The clock of 33 bits runs over at 95443.7 s. FFmpeg gives times below 0 before that.
  @Test(arguments: ["mp4", "mov", "mkv", "webm", "flv", "avi"]) func theWrapIsNotSeen(ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.\(ending)"
      _ = try part(folder, 95442.1)
      let input = folder.path + "/part-95442.1.ts"
      try transcode(input, to: output)
      try expectEvenTime(output, frames: 50...50, seconds: 2, hasSound: ending != "webm")
      #expect(try Probe.frames(output).count == 50)
      var options = SinkOptions(overwrite: true)
      options.keepsStart = true
      try transcode(input, to: output, options)
      #expect(try Probe.frames(output).count == 50)
    }
  }

  /// FFmpeg's programs subtract the beginning of the file, which may be that of the sound.
  @Test(arguments: ["mp4", "mov", "webm"]) func aLateStartIsMovedTo0(ending: String) throws {
    try TestData.withTemporaryFolder { folder in
      let (input, output) = (folder.path + "/in.mkv", folder.path + "/out.\(ending)")
      try Probe.ffmpeg(
        "-f lavfi -i testsrc2=size=96x64:rate=25:duration=1 -itsoffset 0.3 -f lavfi -i sine=duration=1 -c:v libx264 -bf 2 "
          + "-c:a \(ending == "webm" ? "libopus" : "aac") -output_ts_offset 2000", input)
      try transcode(input, to: output)
      let (times, sound) = (try Probe.times(output), try soundTimes(output))
      #expect(times.count == 25 && abs((times.first ?? 9) - 0) < 0.01 && abs((sound.first ?? 9) - 0.3) < 0.05)
      var options = SinkOptions(overwrite: true)
      options.keepsStart = true
      try transcode(input, to: output, options)
      #expect(abs((try Probe.times(output).first ?? 0) - 2000) < 0.05)
      #expect(abs((try soundTimes(output).first ?? 0) - 2000.3) < 0.05)
    }
  }

  /// A repeated decoding time, a step back, and none at all, in the middle of the sound.
  @Test(arguments: ["mp4", "mov", "mkv", "avi", "flv", "ts"], [Int64(0), -2000, .min])
  func brokenSoundTimesAreMended(ending: String, change: Int64) throws {
    try TestData.withTemporaryFolder { folder in
      let output = folder.path + "/out.\(ending)"
      _ = try part(folder, 0, ending: "mkv")
      let source = try openSource(SourceAddress(folder.path + "/part-0.0.mkv"))
      let sink = try openSink(Destination(output), options: SinkOptions())
      try sink.open(source.format, companions: source.info.companions)
      let counter = PacketCounter()
      source.onCompanion = { packet in
        guard let media = packet as? MediaPacket else { return }
        if counter.count == 20 {
          media.pointer.pointee.dts = change == .min ? fovea_nopts : counter.last + change
          if change == .min { media.pointer.pointee.pts = fovea_nopts }
        }
        counter.count += 1
        counter.last = media.pointer.pointee.dts
        try sink.write(packet)
      }
      let frame = Frame(source.format)
      while try source.read(into: frame) { try sink.write(frame) }
      try sink.finish()
      #expect(try Probe.packets(output, "a:0").count == counter.count || ending == "ts")
      #expect(abs((try soundTimes(output).last ?? 0) - (try soundTimes(folder.path + "/part-0.0.mkv").last ?? 9)) < 1.5)
    }
  }

  private final class PacketCounter {
    var count = 0
    var last: Int64 = 0
  }
}

@Suite struct PacketOrderTests {
  private func mended(_ times: [(pts: Int64, dts: Int64)], _ format: String, video: Bool = false) throws -> [[Int64]] {
    let muxer = try #require(av_guess_format(format, nil, nil))
    let context = try #require(avformat_alloc_context())
    defer { avformat_free_context(context) }
    let stream = try #require(avformat_new_stream(context, nil))
    stream.pointee.codecpar.pointee.codec_type = video ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO
    var order = PacketOrder(stream.pointee, in: muxer.pointee)
    let packet = try MediaPacket()
    return times.map { time in
      (packet.pointer.pointee.pts, packet.pointer.pointee.dts, packet.pointer.pointee.duration) = (
        time.pts, time.dts, 10
      )
      order.mend(packet.pointer)
      return [packet.pointer.pointee.pts, packet.pointer.pointee.dts]
    }
  }

  @Test func goodTimesStay() throws {
    let times: [(pts: Int64, dts: Int64)] = [(0, -20), (30, -10), (10, 0), (20, 10)]
    #expect(try mended(times, "mp4", video: true) == times.map { [$0.pts, $0.dts] })
  }

  @Test func timesRise() throws {
    #expect(
      try mended([(0, 0), (10, 10), (10, 10), (5, 5), (30, 30)], "mp4") == [
        [0, 0], [10, 10], [11, 11], [12, 12], [30, 30],
      ])
    // Matroska takes equal times.
    #expect(try mended([(10, 10), (10, 10), (5, 5)], "matroska") == [[10, 10], [10, 10], [10, 10]])
  }

  @Test func missingTimesAreMade() throws {
    let none = fovea_nopts
    #expect(
      try mended([(0, 0), (none, none), (none, none), (30, none)], "mp4") == [[0, 0], [10, 10], [20, 20], [30, 30]])
    #expect(try mended([(5, 9)], "mp4") == [[5, 5]])
  }

  @Test func noStepIsTooLongForTheContainer() throws {
    let far: Int64 = 1 << 40
    #expect(
      try mended([(0, 0), (far, far), (far + 10, far + 10)], "mp4") == [
        [0, 0], [1 << 30, 1 << 30], [(1 << 30) + 10, (1 << 30) + 10],
      ])
    // Nor is a picture decoded too long before it is shown, here before a gap.
    let delayed = try mended(
      [(40, 0), (1 << 29, 40), ((1 << 29) - 40, 80), ((1 << 29) - 20, 1 << 29)], "mp4", video: true)
    #expect(
      delayed.allSatisfy { $0[0] - $0[1] < 1 << 28 } && zip(delayed, delayed.dropFirst()).allSatisfy { $0[1] < $1[1] })
    #expect(delayed.map { $0[0] }.prefix(3) == [40, 1 << 29, (1 << 29) - 40])
    #expect(try mended([(0, 0), (far, far)], "matroska") == [[0, 0], [far, far]])
    _ = try mended([(.max, .max), (.min + 1, .min + 1), (0, .max), (.max, 0)], "mov")
  }
}
