import CFFmpeg
import Frames
import Media
import Telemetry

/// What the user is told of a source's time: that its clock jumps, and that it ends early.
struct TimeReport {
  private let name: String
  private var jumps = TimeJumps()
  private var isConcluded = false

  init(_ name: String) { self.name = name }

  /// Warns of the first jump. Later passes of a repetition have the same ones again.
  mutating func noteJumps(_ found: TimeJumps) {
    guard found.count > jumps.count else { return }
    if jumps.count == 0 {
      Log.warning(
        "\(name): its time stamps jump by \(found.amounts) at \((found.moment * 100).rounded() / 100) s; "
          + "time goes on there without the jump, for sound and picture alike")
    }
    jumps = found
  }

  /// The source has ended: says how often they jumped.
  mutating func conclude() {
    guard !isConcluded else { return }
    isConcluded = true
    if jumps.count > 1 { Log.warning("\(name): its time stamps jumped \(jumps.count) times, by \(jumps.amounts)") }
  }

  /// Warns when the file ends before the end that its header promises.
  /// - Parameter reached: where the last picture ends, in the time base of the video.
  func checkEnd(_ reader: StreamReader, reached: Int64) {
    if reader.demuxer.lacksParts {
      return Log.warning(
        "\(name): some of the files that this playlist names could not be read, so that parts are missing; check that they "
          + "are there, and the key if they are encrypted")
    }
    let (stream, context) = (reader.stream, reader.demuxer.context)
    guard jumps.count == 0, let promised = MediaDuration.promised(stream, in: context) else { return }
    let start = stream.pointee.start_time == fovea_nopts ? 0 : stream.pointee.start_time
    let seconds = Double(reached.subtractingClamped(start)) * Rational(stream.pointee.time_base).value
    // A container may round, and count a picture that is never shown.
    let tolerance = max(
      MediaDuration.tolerance(reader.demuxer.context, promised),
      3 * Double(reader.nominalDuration) * Rational(stream.pointee.time_base).value)
    guard seconds < promised - tolerance else {
      guard reader.demuxer.lacksPackets else { return }
      return Log.warning("\(name) ends early: some of its sound or data is missing; get another copy")
    }
    let tenths = [seconds, promised].map { ($0 * 10).rounded() / 10 }
    Log.warning(
      "\(name) ends early: its pictures last \(tenths[0]) s, its header promises \(tenths[1]) s; "
        + (reader.demuxer.isPlaylist
          ? "some of its parts are damaged, or encrypted with another key than it names"
          : "the file is not complete, get another copy"))
  }
}
