import CFFmpeg
import Frames
import Media
import Telemetry

/// Hands the packets beside the video on, cut and shifted as the video is.
final class CompanionRelay {
  private let name: String
  private let videoTimeBase: AVRational
  private let timeBases: [AVRational]
  private var spare: MediaPacket
  // Packets that were read before the first picture.
  private var waiting: [MediaPacket] = []
  private var waitingBytes = 0
  // Decoding times must rise, also from one pass of a loop to the next.
  private var lastDecodingTime: [Int64]

  /// Bytes of packets before the first picture. With more the file has no usable video.
  private static let waitingLimit = 64 << 20

  init(_ demuxer: Demuxer, video: UnsafeMutablePointer<AVStream>) throws {
    name = demuxer.name
    videoTimeBase = video.pointee.time_base
    timeBases = demuxer.streams.map(\.pointee.time_base)
    lastDecodingTime = Array(repeating: .min, count: timeBases.count)
    spare = try MediaPacket()
  }

  /// Keeps a packet until the first picture is there; takes its data over.
  func keep(_ packet: UnsafeMutablePointer<AVPacket>) throws {
    waitingBytes += Int(packet.pointee.size)
    guard waitingBytes <= Self.waitingLimit else {
      throw UserError(
        "cannot use \(name): its first 64 MB of sound and data come without a picture; check the file")
    }
    let kept = try MediaPacket()
    av_packet_move_ref(kept.pointer, packet)
    waiting.append(kept)
  }

  /// Hands on what was kept.
  func flush(_ timeLine: TimeLine, to receiver: ((any CompanionPacket) throws -> Void)?) throws {
    guard !waiting.isEmpty else { return }
    let packets = waiting
    (waiting, waitingBytes) = ([], 0)
    guard let receiver else { return }
    for packet in packets where place(packet.pointer, timeLine) { try receiver(packet) }
  }

  /// Forgets what was kept: reading begins again elsewhere.
  func discard() { (waiting, waitingBytes) = ([], 0) }

  /// Hands one packet on; takes its data over.
  func pass(
    _ packet: UnsafeMutablePointer<AVPacket>, _ timeLine: TimeLine, to receiver: (any CompanionPacket) throws -> Void
  ) throws {
    guard place(packet, timeLine) else { return }
    if !isKnownUniquelyReferenced(&spare) { spare = try MediaPacket() }
    av_packet_unref(spare.pointer)
    av_packet_move_ref(spare.pointer, packet)
    try receiver(spare)
  }

  /// Shifts the packet's times; false when it lies outside what is delivered.
  private func place(_ packet: UnsafeMutablePointer<AVPacket>, _ timeLine: TimeLine) -> Bool {
    let index = Int(packet.pointee.stream_index)
    guard timeBases.indices.contains(index), let offset = timeLine.offset else { return false }
    let (pts, dts) = (packet.pointee.pts, packet.pointee.dts)
    let time = pts != fovea_nopts ? pts : dts
    // Cover art has no time.
    guard time != fovea_nopts else { return true }
    let base = timeBases[index]
    if timeLine.cutsStart, let first = timeLine.firstTime, time < av_rescale_q(first, videoTimeBase, base) {
      return false
    }
    if let end = timeLine.endTime, time >= av_rescale_q(end, videoTimeBase, base) { return false }
    let shift = av_rescale_q(offset, videoTimeBase, base)
    if pts != fovea_nopts { packet.pointee.pts = pts.addingClamped(shift) }
    if dts != fovea_nopts { packet.pointee.dts = dts.addingClamped(shift) }
    packet.pointee.pos = -1
    return rises(packet.pointee.dts, index) || !timeLine.isRepetition
  }

  private func rises(_ time: Int64, _ index: Int) -> Bool {
    guard time != fovea_nopts else { return true }
    defer { lastDecodingTime[index] = max(lastDecodingTime[index], time) }
    return time > lastDecodingTime[index]
  }
}
