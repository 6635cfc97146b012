import CFFmpeg
import Frames
import Media
import Telemetry

/// Time stamps for a source that is opened again after each loss: the source's own at first, and always rising.
struct SteadyTimeLine {
  private let timeBase: Rational
  private var origin: (time: Int64, taken: MonotonicTime)?
  /// Added to the source's time stamps; nil until the first picture since it was opened.
  private var offset: Int64?
  private var last: Int64 = 0

  init(_ timeBase: Rational) { self.timeBase = timeBase }

  /// The next picture comes from a source that was opened again: its time stamps begin anew.
  mutating func beginAgain() { offset = nil }

  /// The time stamp of the next picture.
  /// - Parameters:
  ///   - time: the source's, in units of `base`; nil where there is none.
  ///   - taken: when the picture came. A source that was lost goes on where the clock is by then.
  mutating func place(_ time: Int64?, in base: Rational, taken: MonotonicTime) -> Int64 {
    let time = time.map { av_rescale_q($0, base.ffmpeg, timeBase.ffmpeg) }
    guard let origin else {
      (origin, offset, last) = ((time ?? 0, taken), time.map { _ in 0 }, time ?? 0)
      return last
    }
    let now = origin.time.addingClamped(Int64(taken.seconds(since: origin.taken) / timeBase.value))
    let next = last.addingClamped(1)
    guard let time else {
      last = max(now, next)
      return last
    }
    // Time stamps go back when the stream has begun anew by itself.
    if offset.map({ time.addingClamped($0) < next }) ?? true { offset = max(now, next).subtractingClamped(time) }
    last = max(time.addingClamped(offset ?? 0), next)
    return last
  }

  /// Seconds from the first picture to the latest.
  var seconds: Double { origin.map { Double(last.subtractingClamped($0.time)) * timeBase.value } ?? 0 }
}
