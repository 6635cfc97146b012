import CFFmpeg

extension MediaPacket {
  /// Another packet with the same data, which stays when this one is used again.
  package func copy() throws -> MediaPacket {
    try MediaPacket(copying: pointer)
  }

  /// The same data as this packet of FFmpeg's.
  package convenience init(copying packet: UnsafePointer<AVPacket>) throws {
    try self.init()
    try ffmpeg(av_packet_ref(pointer, packet), "cannot keep a packet")
  }
}
