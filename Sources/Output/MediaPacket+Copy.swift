import CFFmpeg
import Media

extension MediaPacket {
  /// Another packet with the same data, which stays when this one is used again.
  func copy() throws -> MediaPacket {
    let copy = try MediaPacket()
    try ffmpeg(av_packet_ref(copy.pointer, pointer), "cannot keep a packet")
    return copy
  }
}
