import CFFmpeg
import Frames

extension PixelFormat {
  /// The description of one of FFmpeg's formats, when it can be drawn upon: every sample is a byte or a little-endian
  /// 16-bit word of its own. Nil for palettes, bit streams, Bayer patterns, floats, big-endian and hardware formats.
  ///
  /// The "yuvj" formats come out as their "yuv" counterparts; the range is told by `ColorDescription`.
  package init?(ffmpeg format: AVPixelFormat) {
    let format = format.withoutImpliedRange
    guard let description = av_pix_fmt_desc_get(format), let nameBytes = description.pointee.name else { return nil }
    let name = String(cString: nameBytes)
    guard description.pointee.flags & unfitFlags == 0, !misdescribed.contains(name) else { return nil }
    let all = description.pointee.comp
    let used: ArraySlice<AVComponentDescriptor> = [all.0, all.1, all.2, all.3]
      .prefix(Int(description.pointee.nb_components))
    let components = used.map { (c: AVComponentDescriptor) -> PixelComponent in
      PixelComponent(
        plane: Int(c.plane), step: Int(c.step), offset: Int(c.offset), shift: Int(c.shift), depth: Int(c.depth))
    }
    guard Self.haveOwnBytes(components) else { return nil }
    self.init(
      name: name, components: components, log2ChromaWidth: Int(description.pointee.log2_chroma_w),
      log2ChromaHeight: Int(description.pointee.log2_chroma_h),
      isRGB: description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0,
      hasAlpha: description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0)
  }

  /// FFmpeg's number of the format; `AV_PIX_FMT_NONE` when FFmpeg has none of that name.
  package var ffmpeg: AVPixelFormat { av_get_pix_fmt(name) }

  /// Every format that FFmpeg has and that this program can draw upon.
  package static let allNative: [PixelFormat] = {
    var found: [PixelFormat] = []
    var next: UnsafePointer<AVPixFmtDescriptor>?
    while let description = av_pix_fmt_desc_next(next) {
      let format = av_pix_fmt_desc_get_id(description)
      if format.withoutImpliedRange == format, let native = PixelFormat(ffmpeg: format) { found.append(native) }
      next = description
    }
    return found
  }()

  /// True when each sample lies within 8 or 16 bits that it shares with no other sample (rgb565 does not do that).
  private static func haveOwnBytes(_ components: [PixelComponent]) -> Bool {
    var taken: Set<[Int]> = []
    for component in components {
      let bits = component.depth + component.shift
      guard component.depth >= 1, component.step >= 1, bits <= 16 else { return false }
      let start = component.offset
      // It is enough to compare two neighbouring pixels, since steps within a plane divide one another.
      for pixel in 0..<2 {
        for byte in 0..<(bits > 8 ? 2 : 1)
        where !taken.insert([component.plane, start + pixel * component.step + byte]).inserted {
          return false
        }
      }
    }
    return !components.isEmpty
  }
}

/// Flags of formats that `PixelFormat` cannot describe: their samples are no plain little-endian integers.
private let unfitFlags: UInt64 = [
  AV_PIX_FMT_FLAG_BE, AV_PIX_FMT_FLAG_PAL, AV_PIX_FMT_FLAG_BITSTREAM, AV_PIX_FMT_FLAG_HWACCEL, AV_PIX_FMT_FLAG_BAYER,
  AV_PIX_FMT_FLAG_FLOAT,
].reduce(0) { $0 | UInt64($1) }

/// Formats that `PixelFormat` cannot describe though their flags allow it: 6 bytes hold 4 luma samples, or the samples are CIE XYZ.
private let misdescribed: Set<String> = ["uyyvyy411", "xyz12le"]

extension AVPixelFormat {
  /// Any format's nearest relative that `PixelFormat` describes: the same in little-endian order when there is one,
  /// else what FFmpeg finds to lose least.
  package var nearestNative: AVPixelFormat {
    if PixelFormat(ffmpeg: self) != nil { return withoutImpliedRange }
    let swapped = av_pix_fmt_swap_endianness(self)
    if swapped != AV_PIX_FMT_NONE, PixelFormat(ffmpeg: swapped) != nil { return swapped }
    var candidates = saneFormats + [AV_PIX_FMT_NONE]
    let hasAlpha = av_pix_fmt_desc_get(self).map { $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 } ?? false
    return avcodec_find_best_pix_fmt_of_list(&candidates, self, hasAlpha ? 1 : 0, nil)
  }

  /// The same format with little-endian words, where it has big-endian ones: those are what `PixelFormat` describes.
  package var littleEndian: AVPixelFormat {
    guard av_pix_fmt_desc_get(self).map({ $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0 }) ?? false else {
      return self
    }
    let swapped = av_pix_fmt_swap_endianness(self)
    return swapped == AV_PIX_FMT_NONE ? self : swapped
  }

  /// The deprecated formats that mean "full range" by their name, as the plain ones.
  package var withoutImpliedRange: AVPixelFormat { fullRangeNames[rawValue] ?? self }

  package var impliesFullRange: Bool { fullRangeNames[rawValue] != nil }
}

private let fullRangeNames: [AVPixelFormat.RawValue: AVPixelFormat] = [
  AV_PIX_FMT_YUVJ420P.rawValue: AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ422P.rawValue: AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUVJ444P.rawValue: AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ440P.rawValue: AV_PIX_FMT_YUV440P,
  AV_PIX_FMT_YUVJ411P.rawValue: AV_PIX_FMT_YUV411P,
]

private let saneFormats = [
  AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV422P10LE,
  AV_PIX_FMT_YUV444P12LE, AV_PIX_FMT_YUVA444P, AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY16LE, AV_PIX_FMT_YA8,
  AV_PIX_FMT_RGB24, AV_PIX_FMT_RGBA, AV_PIX_FMT_RGB48LE, AV_PIX_FMT_RGBA64LE,
]
