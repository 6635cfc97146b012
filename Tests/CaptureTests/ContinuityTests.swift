import Testing

@testable import Capture

/// Two tracks on one clock: pictures of 40 ms, sound of 20 ms. Times in milliseconds.
@Suite struct ContinuityTests {
  private struct Player {
    var continuity = Continuity()
    var placed: [Int: [Int64]] = [0: [], 1: []]

    mutating func play(_ track: Int, _ time: Int64) {
      let offset = continuity.offset(track: track, time: time * 1_000_000, duration: (track == 0 ? 40 : 20) * 1_000_000)
      placed[track]?.append(time + offset / 1_000_000)
    }

    /// A second from `start` on, loosely interleaved: sound lies `lag` packets behind the picture.
    mutating func playSecond(_ start: Int64, lag: Int = 0) {
      for index in 0..<25 {
        play(0, start + Int64(index) * 40)
        for half in 0..<2 where index >= lag { play(1, start + Int64((index - lag) * 40 + half * 20)) }
      }
      for index in 25 - lag..<25 { for half in 0..<2 { play(1, start + Int64(index * 40 + half * 20)) } }
    }
  }

  @Test(arguments: [-50_000, -10_000, -1500, 100_000, 25_200_000, 95_443_718, -95_443_718] as [Int64], [0, 1, 5])
  func timeGoesOnBehindAJump(jump: Int64, lag: Int) {
    var player = Player()
    player.playSecond(60_000, lag: lag)
    player.playSecond(61_000 + jump, lag: lag)
    #expect(player.placed[0] == (0..<50).map { 60_000 + $0 * 40 })
    #expect(player.placed[1] == (0..<100).map { 60_000 + $0 * 20 })
    #expect(player.continuity.jumps.count == 1)
    #expect(abs((player.continuity.jumps.first.first ?? 0) - Double(jump) / 1000) < 1e-6)
  }

  /// Late packets of the old section come between early ones of the new section.
  @Test func tracksJumpAtDifferentPackets() {
    var player = Player()
    for index in 0..<10 as Range<Int64> { player.play(0, index * 40) }
    for index in 0..<10 as Range<Int64> { player.play(1, index * 20) }
    for index in 0..<10 as Range<Int64> {
      player.play(0, 90_000 + index * 40)
      player.play(1, 200 + index * 20)
    }
    for index in 0..<10 as Range<Int64> { player.play(1, 90_000 + index * 20) }
    #expect(player.placed[0] == (0..<20).map { $0 * 40 })
    #expect(player.placed[1] == (0..<30).map { $0 * 20 })
    #expect(player.continuity.jumps.count == 1)
  }

  /// Sound and picture of a section keep their distance, where one of them lasted longer before the jump.
  @Test func soundStaysInStep() {
    var player = Player()
    for index in 0..<25 as Range<Int64> { player.play(0, index * 40) }
    for index in 0..<35 as Range<Int64> { player.play(1, index * 20) }
    for index in 0..<25 as Range<Int64> {
      for half in 0..<2 as Range<Int64> { player.play(1, 70_000 + index * 40 + half * 20) }
      player.play(0, 70_000 + index * 40)
    }
    let (video, sound) = (player.placed[0]?.suffix(25) ?? [], player.placed[1]?.suffix(50) ?? [])
    #expect(video.first == 1000 && video.last == 1960)
    #expect(sound.last == 1980)
    #expect(zip(sound, sound.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func aGapStays() {
    var player = Player()
    player.playSecond(0)
    player.playSecond(9_000)
    #expect(player.placed[0]?.last == 9_960 && player.placed[1]?.last == 9_980)
    #expect(player.continuity.jumps.count == 0)
  }

  /// Sound that is not sent for a minute stays in step, also when the clock jumps meanwhile.
  @Test(arguments: [0, 500_000, -20_000] as [Int64]) func aTrackMayPause(jump: Int64) {
    var player = Player()
    player.playSecond(100_000)
    for index in 25..<1500 as Range<Int64> { player.play(0, 100_000 + index * 40 + (index < 500 ? 0 : jump)) }
    player.playSecond(160_000 + jump)
    #expect(player.placed[0] == (0..<1525).map { 100_000 + $0 * 40 })
    #expect(player.placed[1] == (0..<50).map { 100_000 + $0 * 20 } + (0..<50).map { 160_000 + $0 * 20 })
    #expect(player.continuity.jumps.count == (jump == 0 ? 0 : 1))
  }

  @Test(arguments: [-5_000, 5_000_000] as [Int64]) func aSingleWrongTimeMovesNothing(wrong: Int64) {
    var player = Player()
    player.playSecond(10_000)
    player.play(0, 11_000 + wrong)
    for index in 1..<25 as Range<Int64> { player.play(0, 11_000 + index * 40) }
    player.playSecond(12_000)
    #expect(player.placed[0] == (0..<75).map { 10_000 + $0 * 40 })
  }

  @Test func manyJumps() {
    var player = Player()
    for pass in 0..<30 as Range<Int64> { player.playSecond(pass % 3 * 40_000) }
    #expect(player.placed[0] == (0..<750).map { $0 * 40 })
    #expect(player.placed[1] == (0..<1500).map { $0 * 20 })
    #expect(player.continuity.jumps.count == 29)
    #expect(player.continuity.jumps.amounts == "-81.0 to +39.0 s")
  }

  @Test func sparseTracksFollow() {
    var player = Player()
    player.playSecond(0)
    player.playSecond(500_000)
    #expect(player.continuity.offset(sparse: 500_900_000_000) == -499_000_000_000)
    #expect(player.continuity.offset(sparse: 900_000_000) == 0)
  }

  @Test func anyTimeIsSurvived() {
    var continuity = Continuity()
    for time in [0, Int64.max, .min, 0, .min, .min + 1, .max, -1, .max - 1] {
      for track in 0..<3 { _ = continuity.offset(track: track, time: time, duration: .max) }
      _ = continuity.offset(sparse: time)
    }
    for period in [0, 1, Int64.max] {
      _ = continuity.offset(track: 0, time: 5 << 50, duration: 0, period: period)
      _ = continuity.offset(track: 0, time: 0, duration: 0, period: period)
    }
    _ = continuity.jumps.amounts
  }

  @Test func jumpsAreTold() {
    var jumps = TimeJumps()
    jumps.note(-98.13, at: 2)
    #expect(jumps.amounts == "-98.13 s")
    jumps.note(100, at: 3)
    #expect(jumps.amounts == "-98.13 and +100.0 s" && jumps.moment == 2)
    var turned = TimeJumps()
    turned.note(95341.72, at: 2, period: 95443.72)
    #expect(turned.amounts == "-102.0 s")
  }
}
