import CFFmpeg
import Frames
import Media
import Telemetry

/// Text subtitles in another format.
final class SubtitleConverter: CompanionConverter {
  let result: StreamDescription
  private let stream: StreamDescription
  private let decoder: CodecContext, encoder: CodecContext
  private let output: MediaPacket
  private let what: String
  /// One subtitle in its new form; what is longer is no text.
  private var text = [UInt8](repeating: 0, count: 1 << 20)

  init(_ stream: StreamDescription, encoder name: String) throws {
    (self.stream, what) = (stream, "cannot convert the subtitles (codec \(stream.codecName))")
    decoder = try CodecContext.decoder(stream, what)
    guard let codec = avcodec_find_encoder_by_name(name) else {
      throw UserError("\(what): this FFmpeg lacks the encoder \(name)")
    }
    encoder = try CodecContext(codec, what)
    encoder.pointer.pointee.time_base = AVRational(num: 1, den: 1000)
    try Self.copyHeader(from: decoder.pointer.pointee, to: encoder.pointer, what)
    try ffmpeg(avcodec_open2(encoder.pointer, codec, nil), what)
    result = try encoder.description(replacing: stream, what)
    output = try MediaPacket()
  }

  /// Styles, which encoders expect as decoders give them.
  private static func copyHeader(
    from decoder: AVCodecContext, to encoder: UnsafeMutablePointer<AVCodecContext>, _ what: String
  ) throws {
    guard let header = decoder.subtitle_header, decoder.subtitle_header_size > 0 else { return }
    let size = Int(decoder.subtitle_header_size)
    let copy = try ffmpeg(av_mallocz(size + 1), what).assumingMemoryBound(to: UInt8.self)
    copy.update(from: header, count: size)
    (encoder.pointee.subtitle_header, encoder.pointee.subtitle_header_size) = (copy, Int32(size))
  }

  func convert(_ packet: MediaPacket, _ receive: (MediaPacket) throws -> Void) throws {
    guard packet.pointer.pointee.size > 0, packet.pointer.pointee.pts != fovea_nopts else { return }
    _ = try decode(packet.pointer, receive)
  }

  func finish(_ receive: (MediaPacket) throws -> Void) throws {
    guard decoder.pointer.pointee.codec.pointee.capabilities & AV_CODEC_CAP_DELAY != 0 else { return }
    let end = try MediaPacket()
    for _ in 0..<64 { if try !decode(end.pointer, receive) { return } }
  }

  /// False when there was no subtitle in it.
  private func decode(
    _ packet: UnsafeMutablePointer<AVPacket>, _ receive: (MediaPacket) throws -> Void
  ) throws -> Bool {
    var (subtitle, got): (AVSubtitle, Int32) = (AVSubtitle(), 0)
    try ffmpeg(avcodec_decode_subtitle2(decoder.pointer, &subtitle, &got, packet), what)
    guard got != 0 else { return false }
    defer { avsubtitle_free(&subtitle) }
    guard subtitle.num_rects > 0 else { return true }
    let base = AVRational(num: 1, den: 1000)
    let start = av_rescale_q(subtitle.pts, AVRational(num: 1, den: AV_TIME_BASE), base)
    let late = Int64(subtitle.start_display_time)
    let stated = packet.pointee.duration > 0 ? av_rescale_q(packet.pointee.duration, stream.timeBase.ffmpeg, base) : 0
    let shown = subtitle.end_display_time == .max ? 0 : Int64(subtitle.end_display_time) - late
    (subtitle.start_display_time, subtitle.end_display_time) = (0, UInt32(clamping: max(stated, shown)))
    let size = try ffmpeg(
      avcodec_encode_subtitle(encoder.pointer, &text, Int32(clamping: text.count), &subtitle), what)
    try ffmpeg(av_new_packet(output.pointer, size), what)
    defer { av_packet_unref(output.pointer) }
    text.withUnsafeBufferPointer { output.pointer.pointee.data.update(from: $0.baseAddress!, count: Int(size)) }
    (output.pointer.pointee.pts, output.pointer.pointee.dts) = (start.addingClamped(late), start.addingClamped(late))
    output.pointer.pointee.duration = max(stated, shown)
    output.pointer.pointee.stream_index = Int32(clamping: stream.index)
    output.pointer.pointee.flags |= AV_PKT_FLAG_KEY
    try receive(output)
    return true
  }
}
