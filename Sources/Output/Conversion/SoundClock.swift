import Frames

/// Where decoded sound belongs on the time line of the encoder, which counts samples: sound stays in step with the pictures, and what a
/// source's clock does wrong costs nothing.
struct SoundClock {
  /// What becomes of the next samples. `silence` samples come before them, `skipped` of them are left out.
  struct Step: Equatable {
    var silence: Int64 = 0, skipped: Int64 = 0
    /// The time line goes on here, behind a gap that is too long to be filled.
    var jump: Int64?
  }

  private let rate: Int64
  private(set) var next: Int64?
  private var lastStamp: Int64?

  /// Seconds of silence that are written into a gap; a longer one stays a gap between two packets.
  private static let longestSilence: Int64 = 60

  init(rate: Int) { self.rate = Int64(rate) }

  /// Takes `count` samples that are stamped `stamp`, in samples. Stamps that do not rise mean: right behind what came before.
  mutating func place(_ stamp: Int64?, count: Int64) -> Step {
    guard let next else {
      (self.next, lastStamp) = ((stamp ?? 0).addingClamped(count), stamp)
      return Step(jump: stamp ?? 0)
    }
    let rises = stamp.map { $0 > lastStamp ?? .min } ?? false
    lastStamp = stamp ?? lastStamp
    guard let stamp, rises else { return go(Step(), to: next.addingClamped(count)) }
    let lead = stamp.subtractingClamped(next)
    // 40 ms: below what one notices, above what containers round.
    if lead > rate / 25 {
      if lead > Self.longestSilence * rate { return go(Step(jump: stamp), to: stamp.addingClamped(count)) }
      return go(Step(silence: lead), to: stamp.addingClamped(count))
    }
    // A fifth of a second: a packet that was sent twice is heard twice.
    if lead < -rate / 5 {
      let skipped = min(count, -lead)
      return go(Step(skipped: skipped), to: next.addingClamped(count - skipped))
    }
    return go(Step(), to: next.addingClamped(count))
  }

  private mutating func go(_ step: Step, to time: Int64) -> Step {
    next = time
    return step
  }
}
