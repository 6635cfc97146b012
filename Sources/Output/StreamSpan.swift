import CFFmpeg
import Frames

/// What part of the time line the packets of a stream cover.
struct StreamSpan {
  /// Decoding time of the first packet.
  private(set) var first: Int64?
  /// Decoding time of the last packet.
  private(set) var last: Int64 = 0
  /// Presentation time of the packet that is shown last.
  private(set) var lastShown: Int64 = .min
  private var firstShown: Int64 = 0
  private var end: Int64 = .min

  /// Takes the next packet in decoding order.
  mutating func add(_ packet: AVPacket) {
    guard packet.dts != fovea_nopts, packet.pts != fovea_nopts else { return }
    if first == nil { (first, firstShown) = (packet.dts, packet.pts) }
    firstShown = min(firstShown, packet.pts)
    last = max(last, packet.dts)
    if first == packet.dts { last = packet.dts }
    lastShown = max(lastShown, packet.pts)
    end = max(end, packet.pts.addingClamped(max(packet.duration, 0)))
  }

  /// How long the packet that is shown last stands.
  var lastShownDuration: Int64 { max(0, end.subtractingClamped(lastShown)) }

  /// How long the last packet in decoding order must stand so that the stream lasts as long as its pictures do. With
  /// reordering it is not the packet that is shown last.
  var lastDuration: Int64 {
    max(0, end.subtractingClamped(firstShown).subtractingClamped(last.subtractingClamped(first ?? 0)))
  }
}
