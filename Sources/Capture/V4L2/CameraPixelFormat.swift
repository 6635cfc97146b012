import CFFmpeg
import CLinux
import Frames
import Media

/// How one of the kernel's pixel formats is read.
///
/// The kernel's names and layouts: https://docs.kernel.org/userspace-api/media/v4l/pixfmt.html
struct CameraPixelFormat: Sendable {
  /// What its bytes are.
  enum Content: Sendable {
    /// Samples, by FFmpeg's name of the same layout; `swapsChroma` where V comes before U.
    case samples(String, swapsChroma: Bool)
    /// A picture or a stream for one of FFmpeg's decoders.
    case coded(AVCodecID.RawValue)
    /// What libv4l turns into RGB.
    case converted
  }

  /// The kernel's number.
  let code: UInt32
  /// What users call it in `--camera-format`.
  let name: String
  let content: Content
  /// Each plane has its own memory: the formats with an M at the end of their kernel names.
  var isSplit = false

  /// The formats that this program reads itself, in the order in which they are preferred at the same size and rate: what costs
  /// least to use first.
  static let all: [CameraPixelFormat] = [
    raw("NV12", "nv12", "nv12"), raw("NM12", "nv12", "nv12", isSplit: true),
    raw("YU12", "yuv420p", "yuv420p"), raw("YM12", "yuv420p", "yuv420p", isSplit: true),
    raw("YV12", "yvu420p", "yuv420p", swapsChroma: true),
    raw("YM21", "yvu420p", "yuv420p", swapsChroma: true, isSplit: true),
    raw("NV21", "nv21", "nv21"), raw("NM21", "nv21", "nv21", isSplit: true),
    raw("YUYV", "yuyv", "yuyv422"), raw("UYVY", "uyvy", "uyvy422"), raw("YVYU", "yvyu", "yvyu422"),
    raw("422P", "yuv422p", "yuv422p"), raw("YM16", "yuv422p", "yuv422p", isSplit: true),
    coded("MJPG", "mjpeg", AV_CODEC_ID_MJPEG), coded("JPEG", "jpeg", AV_CODEC_ID_MJPEG),
    raw("RGB3", "rgb24", "rgb24"), raw("BGR3", "bgr24", "bgr24"),
    raw("RGB4", "xrgb", "0rgb"), raw("BGR4", "bgrx", "bgr0"), raw("BX24", "xrgb", "0rgb"), raw("XR24", "bgrx", "bgr0"),
    raw("NV24", "nv24", "nv24"),
    // Last of the colours: FFmpeg cannot convert it, so that few encoders take it.
    raw("NV16", "nv16", "nv16"), raw("NM16", "nv16", "nv16", isSplit: true),
    raw("GREY", "grey", "gray"),
    coded("H264", "h264", AV_CODEC_ID_H264), coded("HEVC", "hevc", AV_CODEC_ID_HEVC),
  ]

  /// The kernel's four letters.
  var fourcc: String { Self.letters(code) }

  /// How the format of a number is read: as `all` says, else through libv4l if that reads it; else nil.
  static func known(_ code: UInt32) -> CameraPixelFormat? {
    if let own = all.first(where: { $0.code == code }) { return own }
    guard fovea_camera_converts(code) != 0 else { return nil }
    return CameraPixelFormat(code: code, name: letters(code).lowercased(), content: .converted)
  }

  /// What samples of this format look like to the rest of the program; nil when they are coded or converted.
  var pixelFormat: PixelFormat? {
    guard case .samples(let name, _) = content else { return nil }
    return PixelFormat(ffmpeg: av_get_pix_fmt(name))
  }

  /// The letters of a number, as in "NV12": without spaces at the end, and with "-BE" where the top bit is set
  /// (v4l2_fourcc_be).
  static func letters(_ code: UInt32) -> String {
    let letters = (0..<4).map { Character(UnicodeScalar(UInt8(truncatingIfNeeded: code >> (8 * $0)) & 0x7f)) }
    let name = letters.prefix(1 + (letters.lastIndex { $0 != " " } ?? 3)).map { $0.isLetter || $0.isNumber ? $0 : "?" }
    return String(name) + (code >> 31 == 1 ? "-BE" : "")
  }

  private static func raw(
    _ fourcc: String, _ name: String, _ ffmpeg: String, swapsChroma: Bool = false, isSplit: Bool = false
  ) -> CameraPixelFormat {
    CameraPixelFormat(
      code: fovea_fourcc(fourcc), name: name, content: .samples(ffmpeg, swapsChroma: swapsChroma), isSplit: isSplit)
  }

  private static func coded(_ fourcc: String, _ name: String, _ codec: AVCodecID) -> CameraPixelFormat {
    CameraPixelFormat(code: fovea_fourcc(fourcc), name: name, content: .coded(codec.rawValue))
  }
}
