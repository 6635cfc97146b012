import CFFmpeg
import Frames
import Media
import Telemetry

/// Sound whose packets say themselves how fast they are, for a container that says it once: AAC out of a transport stream, and for AVI, which
/// counts samples, others too. It is copied for as long as the packets say the same; from the first that does not on, it is decoded and encoded
/// as the container says.
final class SteadySound: CompanionConverter {
  let result: StreamDescription
  private let name: String
  private let transcodes: Bool
  private var first: SoundHeader?
  private var converter: SoundConverter?
  private var isRefused = false
  /// The first packet that says something else. One alone is damaged.
  private var suspect: MediaPacket?
  /// When the conversion begins, in the stream's time base.
  private var beginning: Int64 = 0

  /// Nil for a stream that is described once in its source, or that the container keeps as it is.
  /// - Parameters:
  ///   - name: the output's.
  ///   - transcodes: otherwise what the description does not fit is left out.
  init?(_ stream: StreamDescription, in muxer: String, name: String, transcodes: Bool) {
    let parameters = stream.parameters.pointee
    let isBare = parameters.codec_id == AV_CODEC_ID_AAC && parameters.extradata_size == 0 && muxer != "mpegts"
    let isCounted = muxer == "avi" && [AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3].contains(parameters.codec_id)
    guard isBare || isCounted else { return nil }
    (result, self.name, self.transcodes) = (stream, name, transcodes)
  }

  func convert(_ packet: MediaPacket, _ receive: (MediaPacket) throws -> Void) throws {
    guard !isRefused else { return }
    if let converter { return try converter.convert(packet) { try hand($0, receive) } }
    guard let header = SoundHeader(packet.pointer, codec) else { return try receive(packet) }
    let first = first ?? header
    self.first = first
    if header.describesSame(as: first) {
      suspect = nil
      return try receive(packet)
    }
    guard let suspect, SoundHeader(suspect.pointer, codec)?.describesSame(as: header) == true else {
      return suspect = try packet.copy()
    }
    begin(first, header, at: suspect.pointer.pointee.pts)
    for packet in [suspect, packet] { try convert(packet, receive) }
  }

  /// Goes on with a conversion, or without the rest of the sound.
  private func begin(_ first: SoundHeader, _ header: SoundHeader, at time: Int64) {
    let change = "\(name) cannot change the sound (codec \(result.codecName)) from \(first.text) to \(header.text)"
    beginning = time
    do {
      converter = transcodes ? try SoundConverter(result, as: first) : nil
      isRefused = !transcodes
      if isRefused { Log.warning("\(change) and goes without the rest of it") }
      if !isRefused { Log.info("\(change): from there on it is converted") }
    } catch {
      isRefused = true
      Log.warning("\(change) and goes without the rest of it: \(error)")
    }
  }

  func finish(_ receive: (MediaPacket) throws -> Void) throws {
    try converter?.finish { try hand($0, receive) }
  }

  private var codec: AVCodecID { result.parameters.pointee.codec_id }

  /// Makes a packet of the encoder like those of the source.
  private func hand(_ packet: MediaPacket, _ receive: (MediaPacket) throws -> Void) throws {
    guard let first, let base = converter?.result.timeBase, packet.pointer.pointee.size > 0 else { return }
    let (what, size) = ("cannot convert the sound", Int(packet.pointer.pointee.size))
    let made = try MediaPacket()
    let header = first.adts?.bytes(forPayload: size) ?? []
    try ffmpeg(av_new_packet(made.pointer, Int32(size + header.count)), what)
    try ffmpeg(av_packet_copy_props(made.pointer, packet.pointer), what)
    // What the encoder says of its beginning is not true in the middle.
    av_packet_free_side_data(made.pointer)
    made.pointer.pointee.data.update(from: header, count: header.count)
    (made.pointer.pointee.data + header.count).update(from: packet.pointer.pointee.data, count: size)
    av_packet_rescale_ts(made.pointer, base.ffmpeg, result.timeBase.ffmpeg)
    // The run-in of the encoder, while the sound before it is still heard.
    guard made.pointer.pointee.pts.addingClamped(max(made.pointer.pointee.duration, 1)) > beginning else { return }
    try receive(made)
  }
}

extension SoundConverter {
  /// Sound that goes on in a stream whose packets are such as `header` says.
  fileprivate convenience init(_ stream: StreamDescription, as header: SoundHeader) throws {
    var parameters = stream.parameters.pointee
    parameters.sample_rate = Int32(header.rate)
    if let channels = header.adts?.channels, channels > 0, channels != Int(parameters.ch_layout.nb_channels) {
      av_channel_layout_default(&parameters.ch_layout, Int32(channels))
    }
    let encoder = stream.codecName == "mp3" ? "libmp3lame" : stream.codecName
    try self.init(stream, parameters, encoders: [encoder], muxer: "mp4")
    guard Int(result.parameters.pointee.sample_rate) == header.rate,
      result.parameters.pointee.ch_layout.nb_channels == parameters.ch_layout.nb_channels
    else { throw UserError("FFmpeg's encoder does not make sound of this rate and these channels") }
  }
}
