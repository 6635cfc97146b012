import CFFmpeg
import Frames

/// Mends the times of one stream's packets so that a container takes them: decoding times rise, no picture is shown before it is decoded, and
/// no step is longer than the container can say. FFmpeg's programs mend the same way.
struct PacketOrder {
  /// A cover picture has no time.
  private let isStill: Bool
  /// The smallest step from one decoding time to the next.
  private let step: Int64
  private let longestStep: Int64
  /// The most that a picture can be shown after it is decoded.
  private let longestDelay: Int64
  private var last: Int64?
  /// Where the next packet is expected.
  private var due: Int64 = 0
  /// What was cut out of gaps that were too long.
  private var cut: Int64 = 0

  /// For a stream of a container.
  init(_ stream: AVStream, in format: AVOutputFormat) {
    isStill = stream.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
    let isStrict = format.flags & (AVFMT_TS_NONSTRICT | AVFMT_NOTIMESTAMPS) == 0
    step = isStrict && stream.codecpar.pointee.codec_type != AVMEDIA_TYPE_DATA ? 1 : 0
    switch String(cString: format.name) {
    // FFmpeg's muxer counts durations in 31 bits and ends the program when one does not fit; its reader takes delays of 28 bits.
    case "mp4", "mov": (longestStep, longestDelay) = (1 << 30, (1 << 28) - 1)
    // 24 bits with a sign.
    case "flv": (longestStep, longestDelay) = (.max, (1 << 23) - 1)
    default: (longestStep, longestDelay) = (.max, .max)
    }
  }

  /// Changes the packet's times, which are in the stream's time base.
  mutating func mend(_ packet: UnsafeMutablePointer<AVPacket>) {
    guard !isStill else { return }
    var (pts, dts) = (packet.pointee.pts, packet.pointee.dts)
    if dts == fovea_nopts { dts = pts == fovea_nopts ? due.addingClamped(cut) : pts }
    if pts == fovea_nopts { pts = dts }
    (pts, dts) = (pts.subtractingClamped(cut), dts.subtractingClamped(cut))
    if dts > pts { dts = pts }
    if let last {
      if dts.subtractingClamped(last) > longestStep {
        let excess = dts.subtractingClamped(last).subtractingClamped(longestStep)
        cut = cut.addingClamped(excess)
        (pts, dts) = (pts.subtractingClamped(excess), dts.subtractingClamped(excess))
      }
      dts = max(dts, last.addingClamped(step))
      pts = max(pts, dts)
    }
    dts = max(dts, pts.subtractingClamped(longestDelay))
    packet.pointee.duration = min(max(packet.pointee.duration, 0), longestStep)
    (last, due) = (dts, dts.addingClamped(packet.pointee.duration))
    (packet.pointee.pts, packet.pointee.dts) = (pts, dts)
  }
}
