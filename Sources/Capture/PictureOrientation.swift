import CFFmpeg
import Media

/// How the pictures of files must be turned, where FFmpeg's decoders do not tell: PNG, WebP and TIFF. (Of JPEG they do.)
enum PictureOrientation {
  /// Notes on a packet that holds a whole picture file how to turn it; the decoder passes that on with the picture.
  static func note(on packet: UnsafeMutablePointer<AVPacket>, _ codec: AVCodecID) throws {
    let bytes = UnsafeRawBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
    guard let orientation = of(ByteView(bytes), codec), orientation != .upright else { return }
    let matrix = orientation.displayMatrix
    let size = matrix.count * MemoryLayout<Int32>.stride
    let data = try ffmpeg(
      av_packet_new_side_data(packet, AV_PKT_DATA_DISPLAYMATRIX, size), "cannot turn a picture")
    matrix.withUnsafeBytes { UnsafeMutableRawPointer(data).copyMemory(from: $0.baseAddress!, byteCount: size) }
  }

  /// What a picture file says; nil where it says nothing.
  static func of(_ file: ByteView, _ codec: AVCodecID) -> Orientation? {
    switch codec {
    case AV_CODEC_ID_PNG, AV_CODEC_ID_APNG: png(file)
    case AV_CODEC_ID_WEBP: webp(file)
    case AV_CODEC_ID_TIFF: Orientation(tiff: file)
    default: nil
    }
  }

  /// PNG's chunks (PNG 3rd edition, 5.3): length, type, data, checksum. `eXIf` comes before XMP in `iTXt`.
  private static func png(_ file: ByteView) -> Orientation? {
    var place = 8
    var fromXMP: Orientation?
    while let length = file.number(place, bytes: 4), let data = file.part(place + 8, length) {
      if file.has("eXIf", at: place + 4), let found = Orientation(tiff: withoutPrefix(data)) { return found }
      if file.has("iTXt", at: place + 4), data.has("XML:com.adobe.xmp") { fromXMP = fromXMP ?? Orientation(xmp: data) }
      place += 12 + length
    }
    return fromXMP
  }

  /// WebP's chunks (RIFF): type, length, data, padded to even lengths.
  private static func webp(_ file: ByteView) -> Orientation? {
    guard file.has("RIFF"), file.has("WEBP", at: 8) else { return nil }
    var place = 12
    var fromXMP: Orientation?
    while let length = file.number(place + 4, bytes: 4, littleEndian: true), let data = file.part(place + 8, length) {
      if file.has("EXIF", at: place), let found = Orientation(tiff: withoutPrefix(data)) { return found }
      if file.has("XMP ", at: place) { fromXMP = fromXMP ?? Orientation(xmp: data) }
      place += 8 + length + length % 2
    }
    return fromXMP
  }

  /// Some programs write the letters in front that Exif has in JPEG files.
  private static func withoutPrefix(_ data: ByteView) -> ByteView {
    data.has("Exif\0\0") ? data.tail(6) ?? data : data
  }
}
