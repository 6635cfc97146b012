import CFFmpeg
import Frames
import Media
import Telemetry

/// For outputs without time stamps, whose reader counts frames: writes a packet again for as many frames as its picture stands. Each
/// packet is a whole picture there, and its time is a number of frames.
final class FrameRepeater {
  private let name: String
  private let held: MediaPacket
  private var isHolding = false
  private var hasWarned = false
  /// How often each of the last three pictures was repeated.
  private var repetitions: [Int64] = [0, 0, 0]

  /// Repetitions of one picture. Times of damaged files can be anything; the rest of the gap is left out.
  private static let limit: Int64 = 100_000

  /// False where the rate is not one of pictures: FFmpeg gives the ticks of some streams for one.
  static func canCount(_ format: FrameFormat) -> Bool { FrameClock.rate(format).value <= 300 }

  init(name: String) throws {
    self.name = name
    held = try MediaPacket()
  }

  /// Takes a packet; what is written is the one before it, as often as it takes to reach this one.
  func pass(_ packet: UnsafeMutablePointer<AVPacket>, _ write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    try release(until: packet.pointee.pts, write)
    av_packet_move_ref(held.pointer, packet)
    isHolding = true
  }

  /// Writes the last packet.
  func finish(_ write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    // How long it stands is often not known: then as long as the ones before it, as with FFmpeg's programs.
    let count = max(held.pointer.pointee.duration, repetitions.sorted()[1])
    try release(until: held.pointer.pointee.pts.addingClamped(count), write)
  }

  private func release(until next: Int64, _ write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    guard isHolding else { return }
    isHolding = false
    defer { av_packet_unref(held.pointer) }
    let first = held.pointer.pointee.pts
    let count = max(1, next.subtractingClamped(first))
    repetitions = [repetitions[1], repetitions[2], count - 1]
    if count > Self.limit, !hasWarned {
      hasWarned = true
      Log.warning("\(name): a picture stands for \(count) frames; it is written \(Self.limit) times")
    }
    held.pointer.pointee.duration = 1
    for index in 0..<min(count, Self.limit) {
      let packet = index == min(count, Self.limit) - 1 ? held : try held.copy()
      (packet.pointer.pointee.pts, packet.pointer.pointee.dts) = (
        first.addingClamped(index), first.addingClamped(index)
      )
      try write(packet.pointer)
    }
  }
}
