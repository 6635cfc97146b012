import CFFmpeg
import Telemetry

/// What is set for each encoder unless the user says otherwise: fast, at a quality whose losses are not visible.
struct EncoderDefaults {
  /// Options by FFmpeg's names, without quality and preset.
  var options: [(String, String)] = []
  /// Constant quality, when the encoder has `crf`.
  var crf: Double?
  /// `preset`, when the encoder has it.
  var preset: String?
  /// Quantiser, for encoders without `crf`.
  var quantizer: Int32?
  /// The values of `preset` where FFmpeg's options do not tell them.
  var presets: [String] = []
  /// 4:2:0 and 4:2:2 pictures must have even sides.
  var needsEvenSize = false
  /// Time stamps can only be frame counts (a small denominator, or a list of rates).
  var countsFrames = false
  /// YUV pictures are limited range and cannot say otherwise.
  var isAlwaysLimited = false

  private static let x264Presets = [
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
  ]

  private static let table: [String: EncoderDefaults] = [
    "libx264": EncoderDefaults(crf: 20, preset: "veryfast", presets: x264Presets, needsEvenSize: true),
    "libx264rgb": EncoderDefaults(crf: 20, preset: "veryfast", presets: x264Presets),
    "libx265": EncoderDefaults(
      options: [("x265-params", "log-level=none")], crf: 24, preset: "veryfast", presets: x264Presets,
      needsEvenSize: true),
    "libvpx-vp9": EncoderDefaults(
      options: [("deadline", "realtime"), ("cpu-used", "6"), ("row-mt", "1")], crf: 31),
    "libvpx": EncoderDefaults(options: [("deadline", "realtime"), ("cpu-used", "6")], crf: 10),
    "libaom-av1": EncoderDefaults(options: [("usage", "realtime"), ("cpu-used", "8")], crf: 32),
    "libsvtav1": EncoderDefaults(crf: 35, preset: "10", needsEvenSize: true),
    "mpeg4": EncoderDefaults(quantizer: 3, countsFrames: true),
    "libxvid": EncoderDefaults(quantizer: 3, countsFrames: true),
    "msmpeg4": EncoderDefaults(quantizer: 3, countsFrames: true),
    "mpeg1video": EncoderDefaults(quantizer: 3, countsFrames: true),
    "mpeg2video": EncoderDefaults(quantizer: 3, countsFrames: true),
    "mjpeg": EncoderDefaults(quantizer: 2),
    "libwebp": EncoderDefaults(options: [("quality", "90")], isAlwaysLimited: true),
  ]

  static func of(_ codec: UnsafePointer<AVCodec>) -> EncoderDefaults {
    table[String(cString: codec.pointee.name)] ?? EncoderDefaults()
  }

  /// FFmpeg's options: the user's, and defaults for the others. Throws for one that the encoder does not have.
  func resolved(_ user: SinkOptions, _ codec: UnsafePointer<AVCodec>) throws -> [(String, String)] {
    let name = String(cString: codec.pointee.name)
    var resolved = options
    let hasCRF = EncoderOptions.has("crf", codec)
    if let wish = user.crf {
      guard hasCRF else {
        throw UserError("the encoder \(name) has no --crf; use --bitrate, or another --codec", .usage)
      }
      resolved.append(("crf", number(wish)))
    } else if user.bitrate == nil, hasCRF, let crf {
      resolved.append(("crf", number(crf)))
    }
    if let wish = user.preset {
      try checkPreset(wish, name, codec)
      resolved.append(("preset", wish))
    } else if let preset {
      resolved.append(("preset", preset))
    }
    return resolved
  }

  private func checkPreset(_ wish: String, _ name: String, _ codec: UnsafePointer<AVCodec>) throws {
    guard EncoderOptions.has("preset", codec) else {
      throw UserError("the encoder \(name) has no --preset; leave it out, or use another --codec", .usage)
    }
    let known = presets.isEmpty ? EncoderOptions.values(of: "preset", codec) : presets
    guard !known.isEmpty, !known.contains(wish), Int(wish) == nil || !presets.isEmpty else { return }
    let hint = suggestion(for: wish, among: known)
    throw UserError(
      "the encoder \(name) has no preset '\(wish)'\(hint.isEmpty ? "; choose \(known.joined(separator: ", "))" : hint)",
      .usage)
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
  }
}

/// What FFmpeg's option tables say of an encoder.
enum EncoderOptions {
  /// The encoder has a private option of this name.
  static func has(_ option: String, _ codec: UnsafePointer<AVCodec>) -> Bool { find(option, codec) != nil }

  /// The named values of an option.
  static func values(of option: String, _ codec: UnsafePointer<AVCodec>) -> [String] {
    guard let unit = find(option, codec)?.pointee.unit.map({ String(cString: $0) }) else { return [] }
    return all(codec).filter {
      $0.pointee.type == AV_OPT_TYPE_CONST && $0.pointee.unit.map { String(cString: $0) } == unit
    }.map { String(cString: $0.pointee.name) }
  }

  private static func find(_ option: String, _ codec: UnsafePointer<AVCodec>) -> UnsafePointer<AVOption>? {
    all(codec).first { $0.pointee.type != AV_OPT_TYPE_CONST && String(cString: $0.pointee.name) == option }
  }

  private static func all(_ codec: UnsafePointer<AVCodec>) -> [UnsafePointer<AVOption>] {
    guard var head: UnsafePointer<AVClass> = codec.pointee.priv_class else { return [] }
    return withUnsafePointer(to: &head) { object in
      var options: [UnsafePointer<AVOption>] = []
      var last: UnsafePointer<AVOption>?
      while let next = av_opt_next(object, last) {
        options.append(next)
        last = next
      }
      return options
    }
  }
}
