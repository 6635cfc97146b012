import Testing

@testable import Output

/// Stamps and counts are in samples of 1,000 a second.
@Suite struct SoundClockTests {
  private typealias Step = SoundClock.Step

  @Test func itBeginsWhereTheFirstSampleIs() {
    var clock = SoundClock(rate: 1000)
    #expect(clock.place(250, count: 100) == Step(jump: 250))
    #expect(clock.next == 350)
    var unstamped = SoundClock(rate: 1000)
    #expect(unstamped.place(nil, count: 100) == Step(jump: 0) && unstamped.next == 100)
  }

  @Test func smallDifferencesAreRounding() {
    var clock = SoundClock(rate: 1000)
    _ = clock.place(0, count: 100)
    for stamp in [139, 160, 330] as [Int64] { #expect(clock.place(stamp, count: 100) == Step(), "\(stamp)") }
    #expect(clock.next == 400)
  }

  @Test func aGapIsFilledAndALongOneIsLeft() {
    var clock = SoundClock(rate: 1000)
    _ = clock.place(0, count: 100)
    #expect(clock.place(600, count: 100) == Step(silence: 500) && clock.next == 700)
    #expect(clock.place(60_700, count: 100) == Step(silence: 60_000) && clock.next == 60_800)
    #expect(clock.place(120_801, count: 100) == Step(jump: 120_801) && clock.next == 120_901)
  }

  @Test func whatIsHeardAlreadyIsSkipped() {
    var clock = SoundClock(rate: 1000)
    _ = clock.place(0, count: 100)
    _ = clock.place(100, count: 900)
    #expect(clock.place(700, count: 500) == Step(skipped: 300) && clock.next == 1200)
    #expect(clock.place(701, count: 100) == Step(skipped: 100) && clock.next == 1200)
  }

  @Test func stampsThatDoNotRiseSayNothing() {
    var clock = SoundClock(rate: 1000)
    _ = clock.place(500, count: 100)
    for stamp in [500, 0, -9_000_000, nil] as [Int64?] { #expect(clock.place(stamp, count: 100) == Step()) }
    #expect(clock.next == 1000)
  }

  /// The ends of what a stamp can be.
  @Test(arguments: [Int64.min, .min + 1, -1, .max - 1, .max]) func extremeStampsDoNotOverflow(stamp: Int64) {
    for rate in [1, 48000, 768_000, Int(Int32.max)] {
      var clock = SoundClock(rate: rate)
      for (stamp, count) in [(0, 1024), (stamp, 1024), (nil, .max), (stamp, .max), (0, 1)] as [(Int64?, Int64)] {
        let step = clock.place(stamp, count: count)
        #expect(step.silence >= 0 && step.skipped >= 0 && step.skipped <= count)
      }
    }
  }
}
