import CFFmpeg
import Frames
import Media
import Telemetry

/// Which encoder, and which pixel format for it.
enum EncoderChoice {
  /// The encoder that a user or a table names: an encoder's own name, or a codec's (`h264`, `vp9`).
  static func encoder(_ wish: String) throws -> UnsafePointer<AVCodec> {
    let name = aliases[wish] ?? wish
    if let codec = avcodec_find_encoder_by_name(name), codec.pointee.type == AVMEDIA_TYPE_VIDEO { return codec }
    if let descriptor = avcodec_descriptor_get_by_name(name), descriptor.pointee.type == AVMEDIA_TYPE_VIDEO,
      let codec = avcodec_find_encoder(descriptor.pointee.id)
    {
      return codec
    }
    let hint = suggestion(for: name, among: names)
    throw UserError(
      "there is no video encoder '\(name)'\(hint.isEmpty ? "; `ffmpeg -encoders` lists those there are" : hint)", .usage
    )
  }

  /// Names that people use and FFmpeg does not know.
  private static let aliases = ["h265": "hevc", "avc": "h264", "x264": "libx264", "x265": "libx265"]

  /// Every video encoder's name, and its codec's.
  static let names: [String] = {
    var names: Set<String> = []
    var state: UnsafeMutableRawPointer?
    while let codec = av_codec_iterate(&state) {
      guard av_codec_is_encoder(codec) != 0, codec.pointee.type == AVMEDIA_TYPE_VIDEO else { continue }
      names.insert(String(cString: codec.pointee.name))
      names.insert(String(cString: avcodec_get_name(codec.pointee.id)))
    }
    return names.sorted()
  }()

  /// What the encoder takes and `PixelFormat` can describe; empty: anything.
  static func pixelFormats(_ codec: UnsafePointer<AVCodec>) -> [AVPixelFormat] {
    let name = String(cString: codec.pointee.name)
    if name == "wrapped_avframe" { return y4mFormats.map { av_get_pix_fmt($0) } }
    var formats: [AVPixelFormat] = []
    var next = fovea_encoder_pixel_formats(codec)
    while let format = next?.pointee, format != AV_PIX_FMT_NONE {
      if PixelFormat(ffmpeg: format.littleEndian) != nil { formats.append(format) }
      next = next?.advanced(by: 1)
    }
    // Where an encoder takes only big-endian words (PNG), the bytes of our little-endian ones are swapped.
    formats = formats.filter { $0.littleEndian == $0 || !formats.contains($0.littleEndian) }
    if name == "gif" { return [AV_PIX_FMT_BGRA] }  // `PaletteFilter` then makes the palette
    // TIFF cannot say which range YUV has, and few programs read YUV in it.
    if name == "tiff" { return formats.filter { PixelFormat(ffmpeg: $0.littleEndian)?.colorCount == 1 || isRGB($0) } }
    // Motion JPEG is full range. Other encoders take the plain formats, with the range set beside.
    if codec.pointee.id == AV_CODEC_ID_MJPEG { return formats.filter(\.impliesFullRange) }
    return formats.filter { !$0.impliesFullRange || !formats.contains($0.withoutImpliedRange) }
  }

  private static func isRGB(_ format: AVPixelFormat) -> Bool {
    PixelFormat(ffmpeg: format.littleEndian)?.isRGB ?? false
  }

  /// What a y4m header can name.
  private static let y4mFormats =
    ["gray", "yuv411p", "yuv420p", "yuv422p", "yuv444p"]
    + [9, 10, 12, 14, 16].flatMap { depth in ["yuv420p", "yuv422p", "yuv444p"].map { "\($0)\(depth)le" } }
    + ["gray9le", "gray10le", "gray12le", "gray16le"]

  /// The encoder's format that loses least: the source's own, except that RGB becomes 4:2:0 in lossy video, which
  /// every player can show.
  static func pixelFormat(
    for source: PixelFormat, _ codec: UnsafePointer<AVCodec>, in muxer: String = "", requested: String?
  ) throws -> AVPixelFormat {
    let taken = CodecFit.rawPixelFormats(codec, in: muxer) ?? pixelFormats(codec)
    if let requested { return try Self.requested(requested, taken, codec) }
    let own = source.ffmpeg
    guard !taken.isEmpty else { return own.nearestNative }
    let properties = avcodec_descriptor_get(codec.pointee.id)?.pointee.props ?? 0
    let keepsAlpha = source.hasAlpha && taken.contains { PixelFormat(ffmpeg: $0.littleEndian)?.hasAlpha ?? false }
    let isLossy = properties & AV_CODEC_PROP_LOSSY != 0
    if source.isRGB && isLossy && !keepsAlpha {
      for usual in [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P] where taken.contains(usual) { return usual }
    }
    if let same = taken.first(where: { $0.withoutImpliedRange == own }) { return same }
    return taken.dropFirst().reduce(taken[0]) { best, candidate in
      av_find_best_pix_fmt_of_2(best, candidate, own, source.hasAlpha ? 1 : 0, nil)
    }
  }

  private static func requested(
    _ name: String, _ taken: [AVPixelFormat], _ codec: UnsafePointer<AVCodec>
  ) throws -> AVPixelFormat {
    let format = av_get_pix_fmt(name)
    guard format != AV_PIX_FMT_NONE else {
      let known = PixelFormat.allNative.map(\.name)
      let hint = suggestion(for: name, among: known)
      throw UserError(
        "there is no pixel format '\(name)'\(hint.isEmpty ? "; `ffmpeg -pix_fmts` lists those there are" : hint)",
        .usage)
    }
    if taken.isEmpty, PixelFormat(ffmpeg: format) != nil { return format }
    if let same = taken.first(where: { $0.withoutImpliedRange == format.withoutImpliedRange }) { return same }
    let names = taken.compactMap { av_get_pix_fmt_name($0).map { String(cString: $0) } }
    throw UserError(
      "the encoder \(String(cString: codec.pointee.name)) does not take \(name); choose \(names.joined(separator: ", "))",
      .usage)
  }
}
