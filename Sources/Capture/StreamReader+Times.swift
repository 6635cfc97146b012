import CFFmpeg
import Frames
import Media

extension StreamReader {
  /// Seconds as units of the stream's time base, to the nearest.
  func units(_ seconds: Double) -> Int64 {
    let base = Rational(stream.pointee.time_base).value
    return base > 0 ? Int64(clampedRounding: seconds / base) : 0
  }

  /// Seconds from the beginning of the file as a time of the stream.
  func time(ofSeconds seconds: Double) -> Int64 {
    let begin = demuxer.context.pointee.start_time
    let beginSeconds = begin == fovea_nopts ? 0 : Double(begin) / Double(AV_TIME_BASE)
    return units(beginSeconds + seconds)
  }

  /// Nominal frames per second; 0/1 when unknown.
  var frameRate: Rational {
    let rate = av_guess_frame_rate(demuxer.context, stream, nil)
    return rate.num > 0 && rate.den > 0 ? Rational(rate) : Rational(0, 1)
  }

  /// How long a frame stands by the nominal frame rate, in the stream's time base.
  var nominalDuration: Int64 { frameRate.value > 0 ? max(1, units(1 / frameRate.value)) : 1 }

  /// Seconds that the headers promise for the video, or else for the file.
  var claimedDuration: Double? {
    if stream.pointee.duration != fovea_nopts, stream.pointee.duration > 0 {
      return Double(stream.pointee.duration) * Rational(stream.pointee.time_base).value
    }
    let whole = demuxer.context.pointee.duration
    return whole != fovea_nopts && whole > 0 ? Double(whole) / Double(AV_TIME_BASE) : nil
  }

  /// How many frames the headers promise, or else what duration and rate come to.
  var claimedFrames: Int? {
    if stream.pointee.nb_frames > 0 { return Int(stream.pointee.nb_frames) }
    guard let duration = claimedDuration, frameRate.value > 0 else { return nil }
    return Int(min((duration * frameRate.value).rounded(), 1e12))
  }
}
