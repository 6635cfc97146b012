import Foundation
import Frames
import Synchronization
import Telemetry
import Testing

@testable import Capture

/// Time that passes only while the code under test waits.
private final class FakeTime: TimeSource {
  private let moment = Atomic<Int64>(1_000_000_000)
  func now() -> MonotonicTime { MonotonicTime(nanoseconds: moment.load(ordering: .relaxed)) }
  func sleep(until end: MonotonicTime) { moment.store(max(end.nanoseconds, now().nanoseconds), ordering: .relaxed) }
  func pass(_ seconds: Double) { sleep(until: now().advanced(bySeconds: seconds)) }
}

/// Gives some frames, then fails, or ends.
private final class FragileSource: FrameSource {
  let format: FrameFormat
  let info = SourceInfo(name: "fragile", isLive: true)
  var counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?
  private let clock: FakeTime
  private var left: Int
  private var time: Int64 = 7000
  private let fails: Bool
  private let buffer: PictureBuffer

  init(_ clock: FakeTime, frames: Int, size: (Int, Int) = (64, 48), fails: Bool = true) {
    (self.clock, left, self.fails) = (clock, frames, fails)
    var format = FrameFormat(pixelFormat: .yuv420p, width: size.0, height: size.1)
    format.timeBase = Rational(1, 1000)
    self.format = format
    buffer = PictureBuffer(format)
  }

  func interrupt() {}

  func read(into frame: Frame) throws -> Bool {
    guard left > 0 else {
      if fails { throw UserError("lost the fragile source") }
      return false
    }
    left -= 1
    clock.pass(0.04)
    (frame.format, frame.backing, frame.planes) = (format, buffer, buffer.planes)
    (frame.captureTime, frame.pts) = (clock.now(), time)
    time += 100
    return true
  }
}

@Suite struct SteadySourceTests {
  private let clock = FakeTime()

  private func steady(
    duration: Double? = nil, showsOutages: Bool = true, _ open: @escaping () throws -> any FrameSource
  ) throws -> SteadySource {
    var options = SourceOptions()
    (options.clock, options.duration) = (clock, duration)
    options.camera.size = (64, 48)
    return try SteadySource("test", options: options, showsOutages: showsOutages) { _ in try open() }
  }

  /// The clock and the source's time stamps go apart where the source is lost.
  @Test func silentOutageIsAGapInTheTimeStamps() throws {
    let source = try steady(showsOutages: false) { [clock] in FragileSource(clock, frames: 3) }
    let frame = Frame(source.format)
    var times: [Double] = []
    for _ in 0..<6 {
      #expect(try source.read(into: frame))
      #expect(frame.outage == nil)
      times.append(try #require(frame.seconds))
    }
    // The source's own time stamps first; then it is opened again after a second.
    #expect(zip(times, [7, 7.1, 7.2]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(times[3] > 7.2 + 0.9 && times[3] < 7.2 + 1.5)
    #expect(abs(times[5] - times[4] - 0.1) < 1e-6)
    #expect(source.counters.reconnects == 1)
  }

  @Test func withoutDarkPicturesTheFirstOpeningMustSucceedAndTheEndIsTheEnd() throws {
    #expect(throws: UserError.self) { try steady(showsOutages: false) { throw UserError("it is not there") } }
    let source = try steady(showsOutages: false) { [clock] in FragileSource(clock, frames: 1, fails: false) }
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    #expect(try !source.read(into: frame))
  }

  @Test func durationCountsOutagesToo() throws {
    let source = try steady(duration: 5) { [clock] in FragileSource(clock, frames: 10) }
    let frame = Frame(source.format)
    var (pictures, outages) = (0, 0)
    while try source.read(into: frame) { if frame.outage == nil { pictures += 1 } else { outages += 1 } }
    #expect(pictures > 10 && outages > 1)
    #expect(try #require(frame.seconds) - 7 < 6)
  }

  @Test func timeStampsThatGoBackRiseAllTheSame() {
    var line = SteadyTimeLine(Rational(1, 10))
    let start = MonotonicTime(nanoseconds: 1_000_000_000)
    let times = [100, 101, 0, 1, nil, 2].enumerated().map { index, time in
      line.place(time, in: Rational(1, 10), taken: start.advanced(bySeconds: Double(index)))
    }
    #expect(times == [100, 101, 120, 121, 140, 150])
    #expect(line.place(.max, in: Rational(1, 1), taken: start) > 150)
  }

  @Test func waitsDoubleUpToHalfAMinute() {
    var backoff = Backoff()
    var waits: [Double] = []
    for _ in 0..<8 {
      backoff.failed(afterSeconds: 0)
      waits.append(backoff.delay)
    }
    #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30])
    backoff.failed(afterSeconds: 5)
    #expect(backoff.delay == 30, "a moment's success is none")
    backoff.failed(afterSeconds: 60)
    #expect(backoff.delay == 1)
  }

  @Test func lostSourceComesBackAndSaysWhyMeanwhile() throws {
    var openings = 0
    let source = try steady { [clock] in
      openings += 1
      if openings == 2 { throw UserError("it is not there") }
      return FragileSource(clock, frames: 3)
    }
    let frame = Frame(source.format)
    var story: [String] = []
    var times: [Int64] = []
    for number in 0..<20 {
      #expect(try source.read(into: frame))
      story.append(frame.outage?.reason ?? "picture")
      times.append(try #require(frame.pts))
      #expect(frame.sequence == UInt64(number))
      #expect(frame.format.width == 64 && frame.planes[0].base != nil)
    }
    #expect(story.prefix(3) == ["picture", "picture", "picture"])
    #expect(story[3] == "lost the fragile source")
    #expect(story.contains("it is not there"))
    #expect(story.drop { $0 != "it is not there" }.contains("picture"))
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(source.counters.reconnects >= 1)
  }

  @Test func darkPictureIsDark() throws {
    let source = try steady { [clock] in FragileSource(clock, frames: 0) }
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    #expect(frame.outage != nil)
    let luma = try #require(frame.planes[0].base).load(as: UInt8.self)
    let chroma = try #require(frame.planes[1].base).load(as: UInt8.self)
    #expect(luma < 40 && chroma == 128)
  }

  @Test func endOfALiveSourceIsALossToo() throws {
    let source = try steady { [clock] in FragileSource(clock, frames: 1, fails: false) }
    let frame = Frame(source.format)
    #expect(try source.read(into: frame))
    #expect(try source.read(into: frame))
    #expect(frame.outage?.reason == "test has ended")
  }

  @Test func sourceThatIsNotThereYetIsWaitedFor() throws {
    var openings = 0
    let source = try steady { [clock] in
      openings += 1
      if openings < 3 { throw UserError("nothing listens") }
      return FragileSource(clock, frames: 5, size: (32, 32))
    }
    #expect(source.format.width == 64 && source.format.height == 48)
    let frame = Frame(source.format)
    var seen = 0
    while seen < 5 {
      #expect(try source.read(into: frame))
      if frame.outage == nil { seen += 1 }
      // Other sizes are scaled into the one that was promised.
      #expect(frame.format.width == 64 && frame.format.height == 48)
    }
  }

  @Test func wrongAddressesAreNotTriedAgain() {
    #expect(throws: UserError.self) { try steady { throw UserError("there is no such thing", .usage) } }
  }

  @Test func interruptionEndsIt() throws {
    let source = try steady { [clock] in FragileSource(clock, frames: 1) }
    source.interrupt()
    #expect(try source.read(into: Frame(source.format)) == false)
  }

  /// Each opening's source must be gone when the next comes.
  @Test func thousandReconnectsLeaveNothingBehind() throws {
    final class Count: Sendable { let alive = Atomic<Int>(0) }
    final class Mortal: FrameSource {
      let inner: FragileSource
      let count: Count
      var format: FrameFormat { inner.format }
      var info: SourceInfo { inner.info }
      var counters: SourceCounters { inner.counters }
      var onCompanion: ((any CompanionPacket) throws -> Void)?
      init(_ inner: FragileSource, _ count: Count) {
        (self.inner, self.count) = (inner, count)
        count.alive.add(1, ordering: .relaxed)
      }
      deinit { count.alive.subtract(1, ordering: .relaxed) }
      func interrupt() {}
      func read(into frame: Frame) throws -> Bool { try inner.read(into: frame) }
    }
    let count = Count()
    let source = try steady { [clock] in
      #expect(count.alive.load(ordering: .relaxed) == 0)
      return Mortal(FragileSource(clock, frames: 2), count)
    }
    let frame = Frame(source.format)
    while source.counters.reconnects < 1000 { #expect(try source.read(into: frame)) }
    #expect(count.alive.load(ordering: .relaxed) == 1)
  }
}
