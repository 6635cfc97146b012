import CFFmpeg
import Media

/// Brings the packets of one copied stream into the form that a container wants.
final class BitstreamFilter {
  private let context: UnsafeMutablePointer<AVBSFContext>
  private let what: String

  private init(_ name: String, _ stream: StreamDescription, what: String) throws {
    self.what = what
    var made: UnsafeMutablePointer<AVBSFContext>?
    try ffmpeg(av_bsf_alloc(av_bsf_get_by_name(name), &made), what)
    context = try ffmpeg(made, what)
    // From here on `deinit` frees the context, also when this throws.
    try ffmpeg(avcodec_parameters_copy(context.pointee.par_in, stream.parameters), what)
    context.pointee.time_base_in = stream.timeBase.ffmpeg
    try ffmpeg(av_bsf_init(context), what)
  }

  deinit {
    var open: UnsafeMutablePointer<AVBSFContext>? = context
    av_bsf_free(&open)
  }

  /// The filter that a stream needs in an mp4 or mov written in fragments, if it needs one: FFmpeg's muxer adds filters of
  /// its own accord only to files whose index comes last. AAC out of a transport stream has a header (ADTS, ISO/IEC 13818-7)
  /// in each packet, where mp4 has one for the stream.
  static func needed(for stream: StreamDescription, in muxer: String, what: String) throws -> BitstreamFilter? {
    let parameters = stream.parameters.pointee
    guard ["mp4", "mov"].contains(muxer), parameters.codec_id == AV_CODEC_ID_AAC, parameters.extradata_size == 0,
      av_bsf_get_by_name("aac_adtstoasc") != nil
    else { return nil }
    return try BitstreamFilter("aac_adtstoasc", stream, what: what)
  }

  /// Takes the packet's data over; gives `write` what becomes of it, in the same packet.
  func pass(_ packet: UnsafeMutablePointer<AVPacket>, _ write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    try ffmpeg(av_bsf_send_packet(context, packet), what)
    while true {
      let code = av_bsf_receive_packet(context, packet)
      if code == fovea_averror_eagain || code == fovea_averror_eof { return }
      try ffmpeg(code, what)
      try write(packet)
    }
  }
}
