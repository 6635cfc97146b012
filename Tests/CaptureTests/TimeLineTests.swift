import Foundation
import Frames
import Media
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Capture

@Suite struct TimeLineTests {
  @Test func passesTimesThrough() {
    var line = TimeLine(start: nil, duration: nil, nominalDuration: 10)
    #expect(
      [7, 20, 21, -3].map { line.place($0, duration: 5) } == [.deliver(7), .deliver(20), .deliver(21), .deliver(-3)])
  }

  @Test func fillsMissingTimes() {
    var line = TimeLine(start: nil, duration: nil, nominalDuration: 10)
    #expect(line.place(nil, duration: 0) == .deliver(0))
    #expect(line.place(nil, duration: 0) == .deliver(10))
    #expect(line.place(25, duration: 4) == .deliver(25))
    #expect(line.place(nil, duration: 0) == .deliver(29))
  }

  /// Where times go back, those that FFmpeg derives are taken if they do not.
  @Test func bringsTimesIntoOrder() {
    var line = TimeLine(start: nil, duration: nil, nominalDuration: 10)
    let times: [(Int64, Int64)] = [(0, 0), (20, 20), (10, 30), (40, 40), (30, 50), (60, 60), (60, 60), (65, 70)]
    #expect(
      times.map { line.place($0.0, derived: $0.1, duration: 0) }
        == [0, 20, 30, 40, 50, 60, 70, 65].map { TimeLine.Decision.deliver($0) })
    var other = TimeLine(start: nil, duration: nil, nominalDuration: 10)
    #expect(
      [(0, 0), (67, 67), (50, 66), (99, 83)].map { other.place($0.0, derived: $0.1, duration: 0) }
        == [0, 67, 50, 99].map { TimeLine.Decision.deliver($0) })
  }

  /// Pictures of a codec with B-frames whose decoder gives each the time of another packet: 0, 2, 1, 4, 3, 6, … Those that FFmpeg derives
  /// rise. Each picture has one, and all of them are right to a picture.
  @Test func picturesOutOfOrderGetTheTimesThatAreInOrder() throws {
    var line = TimeLine(start: nil, duration: nil, nominalDuration: 10)
    let frame = try AVFrameBox()
    var delivered: [Int64] = []
    for index in 0..<120 {
      let own = index == 0 ? 0 : index % 2 == 1 ? index + 1 : index - 1
      frame.pointer.pointee.pts = Int64(10 * own)
      frame.pointer.pointee.best_effort_timestamp = Int64(10 * max(own, index + (index < 2 ? 0 : 1)))
      guard case .deliver(let time) = line.place(frame.pointer.pointee) else { continue }
      delivered.append(time)
    }
    #expect(delivered.count == 120 && zip(delivered, delivered.dropFirst()).allSatisfy { $0 < $1 }, "\(delivered)")
    #expect(zip(delivered, 0...).allSatisfy { abs($0 - Int64(10 * $1)) <= 10 }, "\(delivered)")
  }

  @Test func cutsStartAndEnd() {
    var line = TimeLine(start: 100, duration: 50, nominalDuration: 10)
    #expect(
      [90, 99, 103, 140, 152, 153].map { line.place($0, duration: 10) } == [
        .skip, .skip, .deliver(0), .deliver(37), .deliver(49), .end,
      ])
    #expect(line.offset == -103 && line.firstTime == 103 && line.endTime == 153)
  }

  @Test func repetitionsGoOn() {
    var line = TimeLine(start: nil, duration: 100, nominalDuration: 10)
    #expect([5, 15].map { line.place($0, duration: 10) } == [.deliver(5), .deliver(15)])
    for pass in 1..<4 {
      line.beginPass()
      #expect(line.place(5, duration: 10) == .deliver(Int64(5 + 20 * pass)))
      #expect(line.place(15, duration: 10) == .deliver(Int64(15 + 20 * pass)))
      #expect(line.loopShift == Int64(20 * pass))
    }
    line.beginPass()
    #expect([5, 15].map { line.place($0, duration: 10) } == [.deliver(85), .deliver(95)])
    line.beginPass()
    #expect(line.place(5, duration: 10) == .end)
  }

  @Test(arguments: [Int64.min, Int64.min + 1, -1, 0, Int64.max - 1, Int64.max])
  func survivesAnyTime(time: Int64) {
    for start in [nil, Int64.min, 0, Int64.max] {
      var line = TimeLine(start: start, duration: .max, nominalDuration: .max)
      for next in [time, 0, .max, .min] { _ = line.place(next, duration: .max) }
      line.beginPass()
      _ = (line.place(time, duration: .max), line.endTime, line.offset)
    }
  }
}

/// Start, duration, repetition and pace on real clips.
@Suite struct TimingTests {
  /// Variable frame rate, B-frames, a key frame each second, and a stream that begins at 10 s, with sound.
  private func clip(_ folder: URL, _ name: String = "a.mkv") throws -> URL {
    try Reference.make(
      folder.appendingPathComponent(name),
      "-f lavfi -i testsrc2=size=160x120:rate=25:duration=3 -f lavfi -i sine=duration=3 -filter:v "
        + "setpts=PTS+floor(mod(N\\,7)/3)*0.01/TB -fps_mode vfr -c:v libx264 -g 25 -bf 3 -pix_fmt yuv420p -c:a aac "
        + "-output_ts_offset 10 -enc_time_base:v 1/1000")
  }

  @Test(arguments: ["a.mkv", "a.mp4", "a.ts", "a.nut"]) func keepsEveryTime(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = try clip(folder, name)
      let decoded = try decode(path.path)
      #expect(decoded.times == (try Reference.times(path.path)))
      #expect((decoded.times[0] ?? 0) > 0 || name.hasSuffix("mp4"))
    }
  }

  @Test(arguments: ["a.mkv", "a.mp4", "a.ts"], [0.0, 0.04, 0.5, 1.0, 1.23, 2.5])
  func startsExactly(name: String, start: Double) throws {
    try TestData.withTemporaryFolder { folder in
      let path = try clip(folder, name)
      let whole = try decode(path.path)
      var options = SourceOptions()
      options.start = start
      let cut = try decode(path.path, options)
      let base = whole.format.timeBase.value
      let begin = try #require(
        Double(
          String(
            decoding: output(of: [
              "ffprobe", "-v", "quiet", "-show_entries", "format=start_time", "-of", "csv=p=0", path.path,
            ]),
            as: UTF8.self
          ).trimmingCharacters(in: .whitespacesAndNewlines)))
      let wanted = whole.times.indices.filter { Double(whole.times[$0] ?? 0) * base >= begin + start - base / 2 }
      let first = try #require(wanted.first)
      #expect(cut.times == wanted.map { (whole.times[$0] ?? 0) - (whole.times[first] ?? 0) })
      #expect(cut.samples == whole.samples.suffix(from: first * whole.frameBytes))
      // Sound is cut and moved by the same time.
      let (all, rest) = (try #require(whole.companionTimes[1]), try #require(cut.companionTimes[1]))
      let moved = Double(whole.times[first] ?? 0) * base
      let audioBase = name.hasSuffix("mkv") ? 0.001 : name.hasSuffix("ts") ? 1.0 / 90000 : 1.0 / 44100
      let expected = all.map { Double($0) * audioBase - moved }.filter { $0 > -audioBase }
      #expect(abs(rest.count - expected.count) <= 1)
      #expect(zip(rest, expected.suffix(rest.count)).allSatisfy { abs(Double($0) * audioBase - $1) < 2 * audioBase })
      #expect(rest.allSatisfy { $0 >= 0 })
    }
  }

  @Test func endsAfterItsDuration() throws {
    try TestData.withTemporaryFolder { folder in
      let path = try clip(folder)
      var options = SourceOptions()
      (options.start, options.duration) = (0.5, 1.0)
      let cut = try decode(path.path, options)
      #expect(cut.times.last.flatMap { $0 } ?? .max < 1000)
      #expect(cut.times.count >= 24 && cut.times.count <= 26)
      #expect(abs((cut.info.duration ?? 0) - 1) < 0.01)
      let sound = try #require(cut.companionTimes[1])
      #expect(sound.allSatisfy { (0..<1000).contains($0) } && sound.count >= 43)
    }
  }

  @Test func startsPastTheEndWithASentence() throws {
    try TestData.withTemporaryFolder { folder in
      var options = SourceOptions()
      options.start = 100
      let path = try clip(folder)
      let error = #expect(throws: UserError.self) { try openSource(SourceAddress(path.path), options: options) }
      #expect(error?.description.contains("its last picture comes before that") == true)
    }
  }

  @Test(arguments: ["a.mkv", "a.gif", "a.png"]) func loops(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path =
        name == "a.mkv"
        ? try clip(folder)
        : try Reference.make(
          folder.appendingPathComponent(name),
          "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.4 \(name == "a.png" ? "-frames:v 1" : "")")
      let once = try decode(path.path)
      var options = SourceOptions()
      options.loop = true
      let count = once.times.count * 2 + 2
      let many = try decode(path.path, options, limit: count)
      #expect(many.times.count == count)
      #expect(zip(many.times, many.times.dropFirst()).allSatisfy { ($0 ?? .max) < ($1 ?? .min) })
      #expect(many.samples == Data((0..<4).flatMap { _ in once.samples }.prefix(count * once.frameBytes)))
      for times in many.companionTimes.values {
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
      }
    }
  }

  /// A clock that passes time only by sleeping.
  private final class StillClock: TimeSource {
    private let nanoseconds = Atomic<Int64>(5_000_000_000)
    func now() -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
    func sleep(until moment: MonotonicTime) {
      if moment > now() { nanoseconds.store(moment.nanoseconds, ordering: .relaxed) }
    }
  }

  @Test(arguments: [false, true]) func keepsPaceInRealtime(synthetic: Bool) throws {
    try TestData.withTemporaryFolder { folder in
      let clock = StillClock()
      var options = SourceOptions()
      (options.realtime, options.clock) = (true, clock)
      let uri = synthetic ? "synthetic:size=64x48,rate=10,frames=30" : try clip(folder).path
      let source = try openSource(SourceAddress(uri), options: options)
      let frame = Frame(source.format)
      var (first, last) = (0.0, 0.0)
      while try source.read(into: frame) {
        let due = (frame.seconds ?? 0)
        if frame.sequence == 0 { first = due }
        last = due
        #expect(abs(Double(frame.captureTime.nanoseconds) * 1e-9 - 5 - (due - first)) < 1e-6)
      }
      #expect(last - first > 2.5)
    }
  }

  @Test(arguments: [Double.infinity, .nan, -1e300, 1e300, -5]) func refusesAbsurdTimes(time: Double) {
    for isStart in [false, true] {
      var options = SourceOptions()
      if isStart { options.start = time } else { options.duration = time }
      let error = #expect(throws: UserError.self) {
        try openSource(SourceAddress("synthetic:frames=3"), options: options)
      }
      #expect(error?.kind == .usage)
    }
  }
}
