import CFFmpeg
import Frames
import Media

/// Notices when frames do not come at their nominal rate.
struct RateWatch {
  private(set) var isVariable = false
  private var last: Int64?

  /// Takes the next frame.
  mutating func note(_ frame: Frame) {
    guard let time = frame.pts else { return }
    defer { last = time }
    let rate = FrameClock.rate(frame.format)
    let step = av_rescale_q(
      1, AVRational(num: Int32(clamping: rate.denominator), den: Int32(clamping: rate.numerator)),
      frame.format.timeBase.ffmpeg)
    guard let last, step > 1 else { return }
    let difference = time.subtractingClamped(last).subtractingClamped(step)
    // Half a frame: times may be rounded.
    if difference.magnitude > step.magnitude / 2 { isVariable = true }
  }
}
