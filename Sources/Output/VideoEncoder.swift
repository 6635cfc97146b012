import CFFmpeg
import Frames
import Media
import Telemetry

/// One video encoder of libavcodec.
final class VideoEncoder {
  /// How a stream is to be encoded.
  struct Settings {
    var codec: UnsafePointer<AVCodec>
    var pixelFormat: AVPixelFormat
    var user: SinkOptions
    var timeBase: Rational, frameRate: Rational
    /// The container keeps headers of the stream once for all.
    var hasGlobalHeader: Bool
    /// Viewers watch while it is encoded: the encoder holds no pictures back.
    var isLive: Bool
    /// Of the video that is encoded.
    var sideData: [StreamSideData]
  }

  let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let name: String
  private var isOpen = false
  private var hasPicture = false, isEnded = false

  init(_ format: FrameFormat, _ settings: Settings) throws {
    name = String(cString: settings.codec.pointee.name)
    context = try ffmpeg(avcodec_alloc_context3(settings.codec), "cannot open the encoder \(name)")
    do { packet = try ffmpeg(av_packet_alloc(), "cannot open the encoder \(name)") } catch {
      var owned: UnsafeMutablePointer<AVCodecContext>? = context
      avcodec_free_context(&owned)
      throw error
    }
    describe(format, settings)
    try open(settings)
  }

  deinit {
    var ownedPacket: UnsafeMutablePointer<AVPacket>? = packet
    defer { av_packet_free(&ownedPacket) }
    guard canClose() else { return }
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&owned)
  }

  /// SVT-AV1 (version 1.4) waits for ever when it is closed before it was told the end, and does not take an end without a picture:
  /// then its memory is left to the system.
  private func canClose() -> Bool {
    guard name == "libsvtav1", isOpen, !isEnded else { return true }
    guard hasPicture else { return false }
    avcodec_send_frame(context, nil)
    while avcodec_receive_packet(context, packet) >= 0 { av_packet_unref(packet) }
    return true
  }

  private func describe(_ format: FrameFormat, _ settings: Settings) {
    (context.pointee.width, context.pointee.height) = (Int32(clamping: format.width), Int32(clamping: format.height))
    context.pointee.pix_fmt = settings.pixelFormat
    context.pointee.sample_aspect_ratio = format.sampleAspectRatio.ffmpeg
    context.pointee.time_base = settings.timeBase.ffmpeg
    context.pointee.framerate = settings.frameRate.ffmpeg
    format.color.apply(to: &context.pointee)
    context.pointee.thread_count = Int32(clamping: settings.user.threads ?? 0)
    context.pointee.strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL
    if settings.hasGlobalHeader { context.pointee.flags |= Int32(AV_CODEC_FLAG_GLOBAL_HEADER) }
    let defaults = EncoderDefaults.of(settings.codec)
    if defaults.countsFrames { context.pointee.max_b_frames = 0 }
    setFields(format, settings.codec)
    if let rate = settings.user.bitrate {
      context.pointee.bit_rate = Int64(rate)
    } else if let quantizer = defaults.quantizer {
      context.pointee.flags |= AV_CODEC_FLAG_QSCALE
      context.pointee.global_quality = quantizer * FF_QP2LAMBDA
    } else {
      context.pointee.bit_rate = 0
    }
    if settings.isLive {
      context.pointee.max_b_frames = 0
      context.pointee.gop_size = Int32(clamping: max(1, Int((settings.frameRate.value * 2).rounded())))
    }
  }

  /// Interlaced pictures are encoded as such where the encoder can (4:2:0 H.264 needs heights of whole fours).
  private func setFields(_ format: FrameFormat, _ codec: UnsafePointer<AVCodec>) {
    switch format.fieldOrder {
    case .progressive: context.pointee.field_order = AV_FIELD_PROGRESSIVE
    case .topFirst: context.pointee.field_order = AV_FIELD_TT
    case .bottomFirst: context.pointee.field_order = AV_FIELD_BB
    }
    let canInterlace = [AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO].contains(codec.pointee.id)
    if format.fieldOrder != .progressive, canInterlace, format.height % 4 == 0 {
      context.pointee.flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME
    }
  }

  private func open(_ settings: Settings) throws {
    let options = try FFmpegOptions(EncoderDefaults.of(settings.codec).resolved(settings.user, settings.codec))
    if settings.isLive, name == "libx264" { try options.set("tune", "zerolatency") }
    if name == "libx265", let levels = LightLevels.x265(settings.sideData) {
      try options.set("x265-params", "log-level=none:\(levels)")
    }
    let size = "\(context.pointee.width)x\(context.pointee.height)"
    try ffmpeg(.openEncoder(settings.codec), "cannot open the encoder \(name) for pictures of \(size)") {
      avcodec_open2(context, settings.codec, &options.pointer)
    }
    isOpen = true
  }

  /// Gives the encoder a picture, or nil for the end, and hands on the packets that are ready.
  func encode(
    _ frame: UnsafeMutablePointer<AVFrame>?, _ receive: (UnsafeMutablePointer<AVPacket>) throws -> Void
  ) throws {
    if frame == nil, !hasPicture, name == "libsvtav1" { return }
    let what = "cannot encode a picture with \(name)"
    (hasPicture, isEnded) = (hasPicture || frame != nil, isEnded || frame == nil)
    try ffmpeg(.encode(name), what) { avcodec_send_frame(context, frame) }
    while true {
      var isOver = false
      try ffmpeg(.encode(name), what) {
        let code = avcodec_receive_packet(context, packet)
        isOver = code == fovea_averror_eagain || code == fovea_averror_eof
        return isOver ? 0 : code
      }
      if isOver { return }
      defer { av_packet_unref(packet) }
      try receive(packet)
    }
  }
}
