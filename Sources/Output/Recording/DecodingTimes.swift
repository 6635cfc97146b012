import CFFmpeg
import Media

/// Gives decoding times to the first packets of a video that lack them: Matroska has only presentation times, and where pictures are
/// reordered FFmpeg knows the decoding times from the third packet or so on.
struct DecodingTimes {
  /// So many packets wait for one with a decoding time, at most: there are streams without any.
  private static let limit = 16
  private var waiting: [TimedPacket] = []
  private var isSettled = false

  /// Takes the next video packet and returns those that are ready, in order.
  mutating func place(_ packet: TimedPacket) -> [TimedPacket] {
    if isSettled { return [packet] }
    waiting.append(packet)
    let time = packet.packet.pointer.pointee.dts
    guard time != fovea_nopts || waiting.count >= Self.limit else { return [] }
    isSettled = true
    defer { waiting = [] }
    guard time != fovea_nopts else { return waiting }
    // Backward from the first known one, a picture's duration each.
    var next = time
    for earlier in waiting.dropLast().reversed() {
      next = next.subtractingClamped(max(1, earlier.packet.pointer.pointee.duration))
      earlier.packet.pointer.pointee.dts = next
    }
    return waiting
  }
}
