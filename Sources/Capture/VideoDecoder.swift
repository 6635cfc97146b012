import CFFmpeg
import Media
import Telemetry

/// Packets of one stream in, pictures out, on threads of FFmpeg.
final class VideoDecoder {
  /// What `receive` found.
  enum Outcome { case picture, needsPacket, damaged, end }

  private let context: UnsafeMutablePointer<AVCodecContext>
  private let name: String

  init(
    _ stream: UnsafeMutablePointer<AVStream>, name: String, threads: Int, isLive: Bool, isPicture: Bool
  ) throws {
    self.name = name
    guard let parameters = stream.pointee.codecpar else { throw UserError("cannot decode \(name): no codec is named") }
    let codec = try Self.find(parameters, stream, name)
    let what = "cannot decode \(name) (\(String(cString: avcodec_get_name(parameters.pointee.codec_id))))"
    context = try ffmpeg(avcodec_alloc_context3(codec), what)
    // From here on `deinit` frees the context, also when this throws.
    try ffmpeg(avcodec_parameters_to_context(context, parameters), what)
    context.pointee.pkt_timebase = stream.pointee.time_base
    context.pointee.thread_count = Int32(clamping: threads)
    // Frame threads delay pictures by their number, which a live view would see.
    context.pointee.thread_type = isLive ? FF_THREAD_SLICE : FF_THREAD_FRAME | FF_THREAD_SLICE
    // Of FFmpeg's inverse transforms this one is nearest to libjpeg's; others differ visibly in flat areas.
    if isPicture, parameters.pointee.codec_id == AV_CODEC_ID_MJPEG { context.pointee.idct_algo = FF_IDCT_INT }
    context.pointee.max_pixels = Int64(Demuxer.pixelLimit)
    let code = avcodec_open2(context, codec, nil)
    // Some decoders return -1, which is also -EPERM ("not permitted").
    try ffmpeg(code == -1 ? fovea_averror_invaliddata : code, what)
  }

  /// A decoder for packets that no demuxer describes, such as a camera's, without delay.
  init(codec id: AVCodecID, name: String, threads: Int) throws {
    self.name = name
    let what = "cannot decode \(name) (\(String(cString: avcodec_get_name(id))))"
    guard let codec = avcodec_find_decoder(id) else { throw Self.missing(id, name) }
    context = try ffmpeg(avcodec_alloc_context3(codec), what)
    context.pointee.thread_count = Int32(clamping: threads)
    context.pointee.thread_type = FF_THREAD_SLICE
    context.pointee.flags |= Int32(AV_CODEC_FLAG_LOW_DELAY)
    context.pointee.max_pixels = Int64(Demuxer.pixelLimit)
    try ffmpeg(avcodec_open2(context, codec, nil), what)
  }

  deinit {
    var open: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&open)
  }

  private static func find(
    _ parameters: UnsafeMutablePointer<AVCodecParameters>, _ stream: UnsafeMutablePointer<AVStream>, _ name: String
  ) throws -> UnsafePointer<AVCodec> {
    let id = parameters.pointee.codec_id
    // FFmpeg's own VP8 and VP9 decoders ignore the alpha plane that WebM carries beside the picture.
    if av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0) != nil,
      let withAlpha = alphaDecoders[id.rawValue].flatMap({ avcodec_find_decoder_by_name($0) })
    {
      return withAlpha
    }
    if let codec = avcodec_find_decoder(id) { return codec }
    throw missing(id, name)
  }

  private static func missing(_ id: AVCodecID, _ name: String) -> UserError {
    UserError(
      "cannot decode \(name): this build of FFmpeg has no decoder for \(String(cString: avcodec_get_name(id))); "
        + "convert the video first")
  }

  private static let alphaDecoders: [AVCodecID.RawValue: String] = [
    AV_CODEC_ID_VP8.rawValue: "libvpx", AV_CODEC_ID_VP9.rawValue: "libvpx-vp9",
  ]

  /// Gives the decoder a packet; false when its data is damaged. Only after `receive` said `needsPacket`.
  func send(_ packet: UnsafePointer<AVPacket>) throws -> Bool {
    let code = avcodec_send_packet(context, packet)
    if code == -ENOMEM { try ffmpeg(code, "cannot decode \(name)") }
    return code >= 0 || code == fovea_averror_eagain || code == fovea_averror_eof
  }

  /// Tells the decoder that no more packets come; pictures that it still holds come out.
  func drain() { _ = avcodec_send_packet(context, nil) }

  func receive(into frame: UnsafeMutablePointer<AVFrame>) throws -> Outcome {
    let code = avcodec_receive_frame(context, frame)
    if code >= 0 { return .picture }
    if code == fovea_averror_eagain { return .needsPacket }
    if code == fovea_averror_eof { return .end }
    if code == -ENOMEM { try ffmpeg(code, "cannot decode \(name)") }
    return .damaged
  }
}
