import CFFmpeg
import Frames
import Telemetry
import Testing

@testable import Media

@Suite struct PixelFormatTests {
  /// FFmpeg's own arithmetic for line sizes and planes agrees with that of every description, odd sizes included.
  @Test(arguments: PixelFormat.allNative) func describesMemoryAsFFmpegDoes(format: PixelFormat) {
    for width in [1, 2, 3, 7, 16, 161] {
      for plane in 0..<format.planeCount {
        let bytes = Int(av_image_get_linesize(format.ffmpeg, Int32(width), Int32(plane)))
        // FFmpeg counts whole steps of packed formats; descriptions may leave padding at the end out.
        #expect(format.rowBytes(ofPlane: plane, width: width) <= bytes, "\(format.name) \(width) \(plane)")
        #expect(format.rowBytes(ofPlane: plane, width: width) > bytes - 8, "\(format.name) \(width) \(plane)")
      }
    }
    #expect(format.planeCount == Int(av_pix_fmt_count_planes(format.ffmpeg)))
    #expect(PixelFormat(ffmpeg: format.ffmpeg) == format)
  }

  @Test func knowsTheCommonOnes() {
    let names = Set(PixelFormat.allNative.map(\.name))
    for name in [
      "yuv420p", "yuv422p10le", "yuv444p16le", "nv12", "p010le", "yuyv422", "gray", "gray10le", "ya8", "rgb24", "bgra",
      "gbrp", "gbrap12le", "yuva420p", "rgb48le",
    ] { #expect(names.contains(name)) }
    for name in ["pal8", "monob", "rgb565le", "gray16be", "bayer_rggb8", "xyz12le", "vaapi", "gbrpf32le", "yuvj420p"] {
      #expect(!names.contains(name))
    }
    for format in [PixelFormat.yuv420p, .yuv422p, .yuv444p, .gray, .rgb24] {
      #expect(PixelFormat(ffmpeg: format.ffmpeg) == format)
    }
  }

  @Test(arguments: [
    ("pal8", "rgba"), ("monob", "gray"), ("rgb565le", "rgb24"), ("gray16be", "gray16le"), ("yuvj422p", "yuv422p"),
    ("yuv420p10be", "yuv420p10le"), ("bayer_rggb8", "rgb24"), ("yuv420p", "yuv420p"), ("uyyvyy411", "yuv422p"),
  ]) func findsTheNearest(from: String, to: String) {
    let nearest = av_get_pix_fmt(from).nearestNative
    #expect(av_get_pix_fmt_name(nearest).map { String(cString: $0) } == to)
  }

  @Test func everyFormatHasANearestOne() {
    var next: UnsafePointer<AVPixFmtDescriptor>?
    while let description = av_pix_fmt_desc_next(next) {
      next = description
      guard description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL) == 0 else { continue }
      let nearest = av_pix_fmt_desc_get_id(description).nearestNative
      #expect(PixelFormat(ffmpeg: nearest) != nil, "\(String(cString: description.pointee.name))")
    }
  }
}

@Suite struct ErrorTests {
  @Test func sentences() {
    #expect(throws: Never.self) { try ffmpeg(5, "x") }
    for (code, words) in [
      (-ENOENT, "cannot open a: there is no such file; check the path"),
      (-ENOSPC, "cannot open a: the disk is full; free some space or write elsewhere"),
      (fovea_averror_eof, "cannot open a: the data ends too early; check that the file is complete"),
    ] {
      let error = #expect(throws: UserError.self) { try ffmpeg(code, "cannot open a") }
      #expect(error?.description == words)
    }
    #expect(!ffmpegReason(-ELOOP).isEmpty && !ffmpegReason(-123_456).isEmpty)
  }

  @Test func fractions() {
    #expect(Rational(30000, 1001).ffmpeg.num == 30000 && Rational(AVRational(num: 3, den: 4)) == Rational(3, 4))
    #expect(Rational(Int.max, 2).ffmpeg.den >= 0)
    #expect(Rational(0, 0).ffmpeg.num == 0)
  }
}
