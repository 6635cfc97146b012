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
    case AV_CODEC_ID_PNG, AV_CODEC_ID_APNG: Orientation(png: file)
    case AV_CODEC_ID_WEBP: Orientation(webp: file)
    case AV_CODEC_ID_TIFF: Orientation(tiff: file)
    default: nil
    }
  }
}
