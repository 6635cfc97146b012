import CFFmpeg
import Frames
import Telemetry

/// What a reader must know of raw video, which has no header.
package struct RawVideo: Sendable {
  package var width: Int, height: Int
  /// As FFmpeg calls it.
  package var pixelFormat: String
  package var frameRate: Rational

  package static let usualPixelFormat = "yuv420p"
  package static let usualFrameRate = Rational(25, 1)

  /// Throws for a pixel format that there is not.
  package init(width: Int, height: Int, pixelFormat: String?, frameRate: Rational?) throws {
    (self.width, self.height) = (width, height)
    self.pixelFormat = pixelFormat ?? Self.usualPixelFormat
    self.frameRate = frameRate ?? Self.usualFrameRate
    guard av_get_pix_fmt(self.pixelFormat) == AV_PIX_FMT_NONE else { return }
    let hint = suggestion(for: self.pixelFormat, among: PixelFormat.allNative.map(\.name))
    throw UserError(
      "there is no pixel format '\(self.pixelFormat)'\(hint.isEmpty ? "; `ffmpeg -pix_fmts` lists those there are" : hint)",
      .usage)
  }

  /// The demuxer's options. Throws where raw video is not described, or something else is.
  static func options(
    _ raw: RawVideo?, for format: UnsafePointer<AVInputFormat>?, _ name: String
  ) throws -> [String: String] {
    let isRaw = format.map { String(cString: $0.pointee.name) } == "rawvideo"
    guard let raw else {
      guard isRaw else { return [:] }
      throw UserError(
        "cannot open \(name): raw video does not tell its size; give --size, --pixel-format and --frame-rate, or send it as "
          + "y4m", .usage)
    }
    guard isRaw else {
      throw UserError(
        "cannot open \(name): --size, --pixel-format and --frame-rate describe raw video, and this is something else; leave them "
          + "out, or give --input-format rawvideo", .usage)
    }
    return [
      "video_size": "\(raw.width)x\(raw.height)", "pixel_format": raw.pixelFormat,
      "framerate": "\(raw.frameRate.numerator)/\(raw.frameRate.denominator)",
    ]
  }
}
