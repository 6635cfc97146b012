import CFFmpeg
import Media
import Telemetry

/// An encoder of sound, opened for what a stream has as far as the encoder takes it.
final class SoundEncoder {
  let context: CodecContext
  let rate: Int
  /// Samples in a frame.
  let frameSize: Int
  /// Fewer samples than that may come, at the end.
  let takesShortFrame: Bool
  private let packet: MediaPacket
  private let what: String

  /// Sample rates of sound: telephone to studio.
  static let rates = 1_000...768_000

  init(_ parameters: AVCodecParameters, encoders: [String], muxer: String, _ what: String) throws {
    self.what = what
    guard Self.rates.contains(Int(parameters.sample_rate)), Self.canMix(parameters.ch_layout) else {
      throw UserError(
        "\(what): it claims \(parameters.sample_rate) samples a second of \(parameters.ch_layout.nb_channels) channels")
    }
    guard let codec = encoders.lazy.compactMap({ avcodec_find_encoder_by_name($0) }).first else {
      throw UserError("\(what): this FFmpeg lacks the encoder \(encoders.first ?? "")")
    }
    context = try Self.open(codec, parameters, muxer, what)
    let opened = context.pointer.pointee
    rate = Int(opened.sample_rate)
    let isFree = codec.pointee.capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE != 0
    frameSize = isFree || opened.frame_size <= 0 ? 1024 : Int(opened.frame_size)
    takesShortFrame = isFree || codec.pointee.capabilities & AV_CODEC_CAP_SMALL_LAST_FRAME != 0
    packet = try MediaPacket()
  }

  /// Where the channels' loudspeakers stand is known, so that they can be mixed.
  private static func canMix(_ layout: AVChannelLayout) -> Bool {
    guard (1...24).contains(layout.nb_channels) else { return false }
    var usual = AVChannelLayout()
    av_channel_layout_default(&usual, layout.nb_channels)
    return layout.order != AV_CHANNEL_ORDER_UNSPEC || usual.order != AV_CHANNEL_ORDER_UNSPEC
  }

  /// Tries the source's own channels, the usual ones of their number, then stereo.
  private static func open(
    _ codec: UnsafePointer<AVCodec>, _ parameters: AVCodecParameters, _ muxer: String, _ what: String
  ) throws -> CodecContext {
    var layouts = [AVChannelLayout()]
    if parameters.ch_layout.order == AV_CHANNEL_ORDER_NATIVE { layouts[0] = parameters.ch_layout }
    for channels in [parameters.ch_layout.nb_channels, 2] where channels <= 8 {
      var layout = AVChannelLayout()
      av_channel_layout_default(&layout, channels)
      layouts.append(layout)
    }
    var failure: Int32 = -EINVAL
    for layout in layouts where layout.nb_channels > 0 {
      let context = try CodecContext(codec, what)
      failure = Self.open(context.pointer, codec, layout, parameters.sample_rate, muxer)
      if failure >= 0 { return context }
    }
    try ffmpeg(failure, what)
    throw UserError(what)
  }

  private static func open(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ codec: UnsafePointer<AVCodec>, _ layout: AVChannelLayout,
    _ sampleRate: Int32, _ muxer: String
  ) -> Int32 {
    var layout = layout
    let code = av_channel_layout_copy(&context.pointee.ch_layout, &layout)
    guard code >= 0 else { return code }
    // An MP3 encoder is late by 1105 samples, and AVI has no place to say so: at a high rate that is not heard.
    let rate = fovea_encoder_sample_rate(codec, muxer == "avi" ? max(sampleRate, 44100) : sampleRate)
    context.pointee.sample_rate = rate
    context.pointee.sample_fmt = fovea_encoder_sample_format(codec)
    context.pointee.time_base = AVRational(num: 1, den: rate)
    context.pointee.bit_rate = Int64(layout.nb_channels) * min(64_000, Int64(rate) * 4)
    context.pointee.thread_count = 1
    if Muxer.wantsGlobalHeader(muxer) { context.pointee.flags |= Int32(AV_CODEC_FLAG_GLOBAL_HEADER) }
    return avcodec_open2(context, codec, nil)
  }

  /// Takes a frame, or nil for the end, and hands on the packets that are ready.
  func encode(_ frame: UnsafeMutablePointer<AVFrame>?, _ receive: (MediaPacket) throws -> Void) throws {
    try ffmpeg(avcodec_send_frame(context.pointer, frame), what)
    while true {
      let code = avcodec_receive_packet(context.pointer, packet.pointer)
      if code == fovea_averror_eagain || code == fovea_averror_eof { return }
      try ffmpeg(code, what)
      defer { av_packet_unref(packet.pointer) }
      try receive(packet)
    }
  }
}
