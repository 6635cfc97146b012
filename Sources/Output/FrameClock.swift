import CFFmpeg
import Frames
import Media

/// Time stamps on their way through an encoder: made where they are missing, rising always, and found again, with
/// the duration, for the packet that comes out later.
struct FrameClock {
  let encoderTimeBase: Rational, packetTimeBase: Rational

  private struct Entry {
    var key: Int64, pts: Int64, duration: Int64
  }

  private let source: Rational
  private let nominalDuration: Int64
  private let countsFrames: Bool
  /// Frames that do not come at least a tick after the one before are left out.
  private let grid: Rational?
  private var beginning: Beginning
  /// Frames that were left out.
  private(set) var leftOut = 0
  /// The longest step, in the source's time base, and what was cut out of longer ones.
  private let longestStep: Int64
  private var cut: Int64 = 0
  private var pending: [Entry] = []
  private var last: Entry?
  private var lastRaw: Int64?
  private var count: Int64 = 0

  /// - Parameters:
  ///   - countsFrames: the encoder takes only frame numbers.
  ///   - output: what its container can tell of times.
  init(_ format: FrameFormat, countsFrames: Bool, for output: OutputFormat, beginning: Beginning = .at(0)) {
    (source, grid, self.beginning) = (format.timeBase, output.grid, beginning)
    let rate = Self.rate(format)
    let step = Rational(rate.denominator, rate.numerator)
    packetTimeBase = output.hasConstantRate ? step : format.timeBase
    encoderTimeBase = output.hasConstantRate || countsFrames ? step : format.timeBase
    self.countsFrames = countsFrames
    nominalDuration = max(1, av_rescale_q(1, step.ffmpeg, format.timeBase.ffmpeg))
    let tick = (output.hasConstantRate ? step : format.timeBase).ffmpeg
    let ticks = output.longestTicks.map { av_rescale_q($0, tick, format.timeBase.ffmpeg) } ?? .max
    let seconds = output.longestSeconds.map { Int64(clampedRounding: $0 / format.timeBase.value) } ?? .max
    longestStep = max(min(ticks, seconds), 1)
    pending.reserveCapacity(512)
  }

  /// Seconds that were cut out of gaps that the container cannot tell.
  var secondsCut: Double { Double(cut) * source.value }

  /// Frames per second, 25 when unknown.
  static func rate(_ format: FrameFormat) -> Rational {
    format.frameRate.numerator > 0 && format.frameRate.denominator > 0 ? format.frameRate : Rational(25, 1)
  }

  /// The stamp for the encoder; nil for a frame that is to be left out.
  mutating func enter(_ frame: Frame) -> Int64? {
    let duration = frame.duration > 0 ? frame.duration : nominalDuration
    guard let raw = place(frame) else {
      leftOut += 1
      return nil
    }
    lastRaw = raw
    var pts = av_rescale_q(raw, source.ffmpeg, packetTimeBase.ffmpeg)
    if let last, pts <= last.pts { pts = last.pts.addingClamped(1) }
    let scaled = max(1, av_rescale_q(duration, source.ffmpeg, packetTimeBase.ffmpeg))
    let entry = Entry(key: countsFrames ? count : pts, pts: pts, duration: scaled)
    count += 1
    pending.append(entry)
    last = entry
    return entry.key
  }

  /// When the frame is shown, counted from the beginning of the output.
  private mutating func place(_ frame: Frame) -> Int64? {
    if case .firstFrame = beginning { beginning = .at(frame.pts ?? 0) }
    let next = frame.pts?.subtractingClamped(beginning.time).subtractingClamped(cut)
    var raw = next ?? lastRaw.map { $0.addingClamped(nominalDuration) } ?? 0
    if let lastRaw, raw <= lastRaw { raw = lastRaw.addingClamped(1) }
    if let lastRaw, raw.subtractingClamped(lastRaw) > longestStep {
      cut = cut.addingClamped(raw.subtractingClamped(lastRaw).subtractingClamped(longestStep))
      raw = lastRaw.addingClamped(longestStep)
    }
    guard let grid, let lastRaw else { return raw }
    let ticks = [raw, lastRaw].map { av_rescale_q($0, source.ffmpeg, grid.ffmpeg) }
    return ticks[0] > ticks[1] ? raw : nil
  }

  /// Stamps a packet: `pts` and `duration` as they came, `dts` as the encoder ordered.
  mutating func leave(_ packet: UnsafeMutablePointer<AVPacket>) {
    guard let index = pending.firstIndex(where: { $0.key == packet.pointee.pts }) else { return }
    let entry = pending.remove(at: index)
    packet.pointee.pts = entry.pts
    packet.pointee.duration = entry.duration
    // Encoders that count frames are opened without B-frames: what goes in first comes out first.
    if countsFrames || packet.pointee.dts == fovea_nopts { packet.pointee.dts = entry.pts }
  }
}
