import CFFmpeg

/// What is wrong with whole picture files that FFmpeg's decoders do not say.
enum PictureFileCheck {
  /// A JPEG that ends before its end marker (ITU-T T.81, B.1.1.3): the decoder fills the rest with grey.
  static func isTruncatedJPEG(_ file: ByteView) -> Bool {
    guard file.number(0, bytes: 2) == 0xffd8 else { return false }
    var place = 2
    while let marker = file.number(place, bytes: 2), marker >= 0xff01 {
      // Fill bytes may stand before a marker.
      if marker == 0xffff {
        place += 1
        continue
      }
      if marker == 0xffd9 { return false }
      guard let length = file.number(place + 2, bytes: 2) else { return true }
      place += 2 + length
      // The scan's data: a zero follows each 0xff that is no marker.
      if marker == 0xffda { return !hasEnd(file, from: place) }
    }
    return false
  }

  private static func hasEnd(_ file: ByteView, from start: Int) -> Bool {
    guard start < file.count else { return false }
    // Nearly always the last two bytes.
    if file.number(file.count - 2, bytes: 2) == 0xffd9 { return true }
    return (start..<file.count - 1).contains { file.bytes[$0] == 0xff && file.bytes[$0 + 1] == 0xd9 }
  }

  /// A WebP with several pictures: the extended header has the animation flag (RFC 9649, 2.7).
  static func isAnimatedWebP(_ file: ByteView) -> Bool {
    file.has("RIFF") && file.has("WEBPVP8X", at: 8) && (file.number(20, bytes: 1) ?? 0) & 2 != 0
  }
}
