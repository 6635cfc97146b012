import CFFmpeg
import Frames
import Media

/// Puts the packets of a container whose clock may jump on one time line (`Continuity`).
final class PacketClock {
  private var continuity = Continuity()

  private static let nanosecond = AVRational(num: 1, den: 1_000_000_000)
  /// Presentation times of pictures are not in order; by this much at most.
  private static let reordering: Int64 = 1_000_000_000

  /// Nil for a container that FFmpeg does not mark as one whose time stamps may jump.
  init?(_ context: UnsafePointer<AVFormatContext>) {
    guard let format = context.pointee.iformat, format.pointee.flags & AVFMT_TS_DISCONT != 0 else { return nil }
  }

  var jumps: TimeJumps { continuity.jumps }

  /// Reading goes on elsewhere in the file.
  func forget() { continuity.forget() }

  /// Moves the packet's times, which are in the time base of its stream.
  func place(_ packet: UnsafeMutablePointer<AVPacket>, of stream: UnsafePointer<AVStream>) {
    let (pts, dts, base) = (packet.pointee.pts, packet.pointee.dts, stream.pointee.time_base)
    guard pts != fovea_nopts || dts != fovea_nopts, base.num > 0, base.den > 0 else { return }
    let time = av_rescale_q(dts != fovea_nopts ? dts : pts, base, Self.nanosecond)
    let offset: Int64
    if Self.isSteady(stream) {
      offset = continuity.offset(
        track: Int(stream.pointee.index), time: time,
        duration: max(0, av_rescale_q(max(packet.pointee.duration, 0), base, Self.nanosecond)),
        backLimit: dts == fovea_nopts ? Self.reordering : 0, period: Self.period(of: stream))
    } else {
      offset = continuity.offset(sparse: time)
    }
    guard offset != 0 else { return }
    let shift = av_rescale_q(offset, Self.nanosecond, base)
    if pts != fovea_nopts { packet.pointee.pts = pts.addingClamped(shift) }
    if dts != fovea_nopts { packet.pointee.dts = dts.addingClamped(shift) }
  }

  /// After which the clock of a stream begins anew, as a number of 33 bits does; 0 for never.
  private static func period(of stream: UnsafePointer<AVStream>) -> Int64 {
    let bits = stream.pointee.pts_wrap_bits
    return (1..<48).contains(bits) ? max(0, av_rescale_q(1 << Int64(bits), stream.pointee.time_base, nanosecond)) : 0
  }

  /// Each packet begins where the one before it ends.
  private static func isSteady(_ stream: UnsafePointer<AVStream>) -> Bool {
    guard stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0 else { return false }
    return [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO].contains(stream.pointee.codecpar.pointee.codec_type)
  }
}
