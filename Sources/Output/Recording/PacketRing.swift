import CFFmpeg
import Media
import Telemetry

/// A packet on its way to recordings.
struct TimedPacket {
  let packet: MediaPacket
  let isVideo: Bool
  /// When it came.
  let arrival: MonotonicTime

  var isKey: Bool { isVideo && packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
  var bytes: Int { Int(packet.pointer.pointee.size) }
}

/// The packets of the last seconds, from a key frame on: what comes before an event.
struct PacketRing {
  private(set) var packets: [TimedPacket] = []
  private var bytes = 0
  private let seconds: Double, byteLimit: Int

  /// - Parameters:
  ///   - seconds: so much is kept at least, where the memory allows.
  ///   - byteLimit: more is not kept.
  init(seconds: Double, byteLimit: Int = 64 << 20) { (self.seconds, self.byteLimit) = (seconds, byteLimit) }

  mutating func add(_ packet: TimedPacket) {
    // Before the first key frame nothing can be decoded.
    guard !packets.isEmpty || packet.isKey else { return }
    packets.append(packet)
    bytes += packet.bytes
    guard packet.isKey || bytes > byteLimit else { return }
    trim(at: packet.arrival)
  }

  /// Forgets groups of pictures that end before what is to be kept. Where the pictures since the last key frame alone
  /// are too many, they are all forgotten: without their beginning they are worth nothing.
  private mutating func trim(at now: MonotonicTime) {
    while let next = packets.dropFirst().firstIndex(where: \.isKey),
      now.seconds(since: packets[next].arrival) >= seconds || bytes > byteLimit
    {
      bytes -= packets[..<next].reduce(0) { $0 + $1.bytes }
      packets.removeFirst(next)
    }
    if bytes > byteLimit { clear() }
  }

  mutating func clear() { (packets, bytes) = ([], 0) }
}
