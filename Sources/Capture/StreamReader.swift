import CFFmpeg
import Frames
import Media
import Telemetry

/// Pulls packets out of a container and pictures out of the decoder of its video.
final class StreamReader {
  /// What `next` found.
  enum Outcome { case picture, damaged, end, interrupted }

  let demuxer: Demuxer
  let stream: UnsafeMutablePointer<AVStream>
  private let decoder: VideoDecoder
  private let packet: UnsafeMutablePointer<AVPacket>
  private var isDraining = false
  // Why reading ended; thrown when the pictures that the decoder still holds have come out.
  private var failure: (any Error)?
  private var damage = 0
  // After a seek: pictures before a key frame refer to others that were never read.
  private var awaitsKeyFrame = false
  /// A picture file with several pictures, which FFmpeg may not read.
  private(set) var isAnimatedWebP = false
  private let tap: (any PacketTap)?

  var name: String { demuxer.name }

  init(_ address: SourceAddress, name: String, options: SourceOptions) throws {
    demuxer = try Demuxer(address, name: name, options: options)
    stream = try StreamChoice.video(in: demuxer, wanted: options.videoStream)
    // Matroska's ContentEncKeyID: the track is encrypted. Without this check it would look like a damaged file.
    if av_dict_get(stream.pointee.metadata, "enc_key_id", nil, 0) != nil { throw Self.encrypted(name) }
    decoder = try VideoDecoder(
      stream, name: name, threads: options.threads, isLive: address.isLive, isPicture: demuxer.readsPictureFiles)
    packet = try ffmpeg(av_packet_alloc(), "cannot read \(name)")
    tap = options.packets
    try beginTap()
  }

  private func beginTap() throws {
    guard let tap else { return }
    let others = demuxer.streams.filter { $0 != stream && $0.pointee.codecpar.pointee.codec_id != AV_CODEC_ID_NONE }
    tap.begin(
      PacketStreams(
        video: try StreamDescription(copying: stream), others: try others.map { try StreamDescription(copying: $0) }))
  }

  deinit {
    var owned: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&owned)
  }

  /// Packets of other companion streams need not be read.
  func read(companions: Set<Int>) { demuxer.read(only: companions.union([Int(stream.pointee.index)])) }

  /// Packets found damaged since the last call.
  func takeDamage() -> Int {
    defer { damage = 0 }
    return damage
  }

  /// Goes to the last key frame at or before `time` (in the stream's time base); false when the source cannot.
  func seek(to time: Int64) -> Bool {
    awaitsKeyFrame = true
    return demuxer.seek(stream, to: time)
  }

  /// The next picture. Packets of other streams go to `companion`, which may take their data over.
  func next(
    into frame: UnsafeMutablePointer<AVFrame>, companion: (UnsafeMutablePointer<AVPacket>) throws -> Void
  ) throws -> Outcome {
    while true {
      switch try decoder.receive(into: frame) {
      case .picture: return .picture
      case .end: return try ended()
      case .damaged:
        damage += 1
        return .damaged
      case .needsPacket: break
      }
      if isDraining { return try ended() }
      switch read() {
      case .interrupted: return .interrupted
      case .damaged: damage += 1
      case .end:
        isDraining = true
        decoder.drain()
      case .packet:
        defer { av_packet_unref(packet) }
        tap?.take(packet)
        if packet.pointee.stream_index != stream.pointee.index {
          try companion(packet)
        } else if try !feed() {
          return .damaged
        }
      }
    }
  }

  /// The next packet. A source that is lost ends like any other: what it gave before is still decoded.
  private func read() -> Demuxer.Outcome {
    do { return try demuxer.read(into: packet) } catch {
      failure = error
      return .end
    }
  }

  private func ended() throws -> Outcome {
    if let failure { throw failure }
    return .end
  }

  /// Reads on without decoding, for sound that the container stores behind the picture it belongs to: until the video
  /// is a second past `end` (in the stream's time base), or for 4096 packets.
  func readCompanions(until end: Int64, companion: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    guard !isDraining else { return }
    let limit = end.addingClamped(units(1))
    for _ in 0..<4096 {
      guard try demuxer.read(into: packet) == .packet else { return }
      defer { av_packet_unref(packet) }
      if packet.pointee.stream_index != stream.pointee.index {
        try companion(packet)
      } else if packet.pointee.dts != fovea_nopts, packet.pointee.dts > limit {
        return
      }
    }
  }

  private static func encrypted(_ name: String) -> UserError {
    UserError("cannot decode \(name): the video is encrypted; use a copy without protection", isVoiding: true)
  }

  /// The packet holds a whole file: what the decoder does not say of it.
  private func lookAtPictureFile() throws {
    let file = ByteView(UnsafeRawBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    let codec = stream.pointee.codecpar.pointee.codec_id
    if codec == AV_CODEC_ID_WEBP, PictureFileCheck.isAnimatedWebP(file) { isAnimatedWebP = true }
    if codec == AV_CODEC_ID_MJPEG, PictureFileCheck.isTruncatedJPEG(file) {
      packet.pointee.flags |= AV_PKT_FLAG_CORRUPT
    }
    try PictureOrientation.note(on: packet, codec)
  }

  /// Gives the packet to the decoder; false when it is damaged.
  private func feed() throws -> Bool {
    if awaitsKeyFrame, packet.pointee.flags & AV_PKT_FLAG_KEY == 0 { return true }
    awaitsKeyFrame = false
    if av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, nil) != nil {
      throw Self.encrypted(name)
    }
    if demuxer.readsPictureFiles { try lookAtPictureFile() }
    let isWhole = packet.pointee.flags & AV_PKT_FLAG_CORRUPT == 0
    let isTaken = try decoder.send(packet)
    if !isWhole || !isTaken { damage += 1 }
    return isWhole && isTaken
  }
}
