import CFFmpeg
import Frames
import Media
import Telemetry

/// A codec context of libavcodec, owned.
final class CodecContext {
  let pointer: UnsafeMutablePointer<AVCodecContext>

  init(_ codec: UnsafePointer<AVCodec>?, _ what: String) throws {
    pointer = try ffmpeg(avcodec_alloc_context3(codec), what)
  }

  deinit {
    var owned: UnsafeMutablePointer<AVCodecContext>? = pointer
    avcodec_free_context(&owned)
  }

  /// An opened decoder for a stream.
  static func decoder(_ stream: StreamDescription, _ what: String) throws -> CodecContext {
    guard let codec = avcodec_find_decoder(stream.parameters.pointee.codec_id) else {
      throw UserError("\(what): this FFmpeg has no decoder for \(stream.codecName)")
    }
    let context = try CodecContext(codec, what)
    try ffmpeg(avcodec_parameters_to_context(context.pointer, stream.parameters), what)
    context.pointer.pointee.pkt_timebase = stream.timeBase.ffmpeg
    context.pointer.pointee.thread_count = 1
    context.pointer.pointee.max_samples = 1 << 22
    try ffmpeg(avcodec_open2(context.pointer, codec, nil), what)
    return context
  }

  /// What a container must know of the stream that this encoder makes in the place of `stream`.
  func description(replacing stream: StreamDescription, _ what: String) throws -> StreamDescription {
    let parameters = try ffmpeg(avcodec_parameters_alloc(), what)
    defer {
      var owned: UnsafeMutablePointer<AVCodecParameters>? = parameters
      avcodec_parameters_free(&owned)
    }
    try ffmpeg(avcodec_parameters_from_context(parameters, pointer), what)
    return try StreamDescription(
      replacing: stream, parameters: parameters, timeBase: Rational(pointer.pointee.time_base))
  }
}
