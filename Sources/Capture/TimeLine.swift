import Frames

/// Decides which frames are delivered and with which time stamps: start, duration, repetition, and stamps that are
/// missing. All times are in the video's time base.
package struct TimeLine: Sendable {
  /// What to do with a frame.
  package enum Decision: Hashable, Sendable {
    /// It lies before the start.
    case skip
    /// It is delivered with this presentation time.
    case deliver(Int64)
    /// It lies after the end.
    case end
  }

  /// Frames before it are skipped, and the first one delivered is at 0. Nil: all, at their own times.
  private let start: Int64?
  private let duration: Int64?
  // Added to the times of the present pass.
  private var shift: Int64 = 0
  // The first delivered time of this pass, on the source's time line; where the next frame is expected.
  private var passStart: Int64?
  private var expected: Int64 = 0
  private var latest: Int64?
  private var outputStart: Int64?
  // What was added in the first pass.
  private var firstShift: Int64?
  private let nominalDuration: Int64

  /// `nominalDuration`: how long a frame stands when the stream does not say.
  package init(start: Int64?, duration: Int64?, nominalDuration: Int64) {
    (self.start, self.duration, self.nominalDuration) = (start, duration, max(nominalDuration, 1))
  }

  /// What is added to times of the source to get those delivered; nil before the first frame of a pass.
  package var offset: Int64? { passStart == nil ? nil : shift }

  /// Time before the first frame is cut off.
  package var cutsStart: Bool { start != nil }

  /// The source has begun again at least once.
  package var isRepetition: Bool { resumeAt != nil }

  /// What repetitions of the source have added to the times that are delivered; 0 in the first pass.
  package var loopShift: Int64 { shift.subtractingClamped(firstShift ?? shift) }

  /// Where the first frame of this pass lies on the source's time line.
  package var firstTime: Int64? { passStart }

  /// Where the last frame that was placed ends, on the source's time line.
  package var reached: Int64 { expected }

  /// The end of what is delivered, on the source's time line; nil for all.
  package var endTime: Int64? {
    guard let duration, let outputStart else { return nil }
    return outputStart.addingClamped(duration).subtractingClamped(shift)
  }

  /// Places a frame, given its time on the source's time line, if it has one, and its duration (0 when unknown).
  /// - Parameter derived: another opinion, for streams whose times are out of order.
  package mutating func place(_ time: Int64?, derived: Int64? = nil, duration frameDuration: Int64) -> Decision {
    let time = inOrder(time, derived)
    latest = time
    let length = frameDuration > 0 ? frameDuration : nominalDuration
    expected = time.addingClamped(length)
    if let start, time < start, passStart == nil { return .skip }
    if passStart == nil {
      if outputStart == nil, start != nil { shift = Int64(0).subtractingClamped(time) }
      if let resumeAt { shift = resumeAt.subtractingClamped(time) }
      passStart = time
      if firstShift == nil { firstShift = shift }
    }
    let placed = time.addingClamped(shift)
    if let duration, let outputStart, placed >= outputStart.addingClamped(duration) { return .end }
    if outputStart == nil { outputStart = placed }
    return .deliver(placed)
  }

  private func inOrder(_ time: Int64?, _ derived: Int64?) -> Int64 {
    guard let time else { return expected }
    guard let latest, time <= latest else { return time }
    if let derived, derived > latest { return derived }
    // Two pictures cannot be shown at one moment: of those that a decoder holds at the end, some have no time of their own.
    return time == latest && expected > time ? expected : time
  }

  private var resumeAt: Int64?

  /// The source begins again: what follows continues where the last frame ended.
  package mutating func beginPass() {
    resumeAt = expected.addingClamped(shift)
    (passStart, latest) = (nil, nil)
    expected = 0
  }
}
