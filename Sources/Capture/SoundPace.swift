import CFFmpeg
import Frames
import Media

/// Corrects the times of AAC in a transport stream whose sample rate changes. Only some of its packets have a time of their own; FFmpeg
/// derives those of the others from the rate that the stream began with.
struct SoundPace {
  /// Where FFmpeg's counting puts the next packet, and what it is wrong by.
  private var counted: Int64?
  private var error: Int64 = 0

  /// Units of the time base that rounding may come to.
  private static let rounding: Int64 = 2

  init() {}

  /// The right time and duration of a packet that FFmpeg puts at `time` for `duration`, and that really lasts `length`.
  mutating func place(_ time: Int64, duration: Int64, length: Int64) -> (time: Int64, duration: Int64) {
    if counted.map({ abs(time.subtractingClamped($0)) > Self.rounding }) ?? true { error = 0 }
    let placed = time.addingClamped(error)
    counted = time.addingClamped(duration)
    guard abs(length.subtractingClamped(duration)) > Self.rounding else { return (placed, duration) }
    error = error.addingClamped(length.subtractingClamped(duration))
    return (placed, length)
  }

  /// Mends a packet of a stream.
  mutating func mend(_ packet: UnsafeMutablePointer<AVPacket>, of stream: UnsafePointer<AVStream>) {
    guard packet.pointee.pts != fovea_nopts, packet.pointee.duration > 0, let header = ADTSHeader(packet) else {
      return counted = nil
    }
    let samples = AVRational(num: 1, den: Int32(header.rate))
    let length = av_rescale_q(Int64(1024 * header.blocks), samples, stream.pointee.time_base)
    let placed = place(packet.pointee.pts, duration: packet.pointee.duration, length: length)
    let shift = placed.time.subtractingClamped(packet.pointee.pts)
    (packet.pointee.pts, packet.pointee.duration) = (placed.time, placed.duration)
    if packet.pointee.dts != fovea_nopts { packet.pointee.dts = packet.pointee.dts.addingClamped(shift) }
  }
}
