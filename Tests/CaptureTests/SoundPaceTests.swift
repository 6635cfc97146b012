import Testing

@testable import Capture

/// Times of sound whose sample rate changes, as FFmpeg derives them: by the rate at the beginning.
@Suite struct SoundPaceTests {
  /// Packs of sixteen packets, the first of each with a time of its own; 90,000 units a second.
  private func times(truly length: Int64, counted: Int64, packs: Int) -> [Int64] {
    (0..<packs).flatMap { pack in (0..<16).map { Int64(pack) * 16 * length + Int64($0) * counted } }
  }

  private func mended(_ times: [Int64], counted: Int64, truly length: Int64) -> [(time: Int64, duration: Int64)] {
    var pace = SoundPace()
    return times.map { pace.place($0, duration: counted, length: length) }
  }

  /// From 22,050 to 48,000 samples a second, and back.
  @Test(arguments: [(4180, 1920), (1920, 4180)] as [(Int64, Int64)])
  func eachPacketFollowsTheOneBeforeIt(counted: Int64, length: Int64) {
    let result = mended(times(truly: length, counted: counted, packs: 5), counted: counted, truly: length)
    #expect(result.map(\.time) == (0..<80).map { $0 * length } && result.allSatisfy { $0.duration == length })
  }

  /// What FFmpeg counts right is left as it is, to the unit; so is a gap.
  @Test func rightTimesAreKept() {
    let right: [Int64] = [5, 2095, 4185, 6274, 90_000, 92_090, 94_179]
    let result = mended(right, counted: 2090, truly: 2089)
    #expect(result.map(\.time) == right && result.allSatisfy { $0.duration == 2090 })
  }
}
