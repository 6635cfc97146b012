import CFFmpeg
import Media
import Telemetry

/// Makes packets of one companion into such as a container holds.
protocol CompanionConverter: AnyObject {
  /// The stream that the packets belong to afterwards; it keeps its index.
  var result: StreamDescription { get }
  func convert(_ packet: MediaPacket, _ receive: (MediaPacket) throws -> Void) throws
  /// Hands on what is left.
  func finish(_ receive: (MediaPacket) throws -> Void) throws
}

/// Sound, decoded and encoded anew.
final class SoundConverter: CompanionConverter {
  let result: StreamDescription
  private let stream: StreamDescription
  private let decoder: CodecContext
  private let encoder: SoundEncoder
  private let framer: SoundFramer
  private let frame: AVFrameBox
  private var filter: SoundFilter?
  private let what: String

  /// - Parameter parameters: what the sound becomes like, as far as the encoder takes it; nil: like the stream.
  init(
    _ stream: StreamDescription, _ parameters: AVCodecParameters? = nil, encoders: [String], muxer: String
  ) throws {
    (self.stream, what) = (stream, "cannot convert the sound (codec \(stream.codecName))")
    decoder = try CodecContext.decoder(stream, what)
    encoder = try SoundEncoder(parameters ?? stream.parameters.pointee, encoders: encoders, muxer: muxer, what)
    framer = try SoundFramer(encoder, what)
    frame = try AVFrameBox()
    result = try encoder.context.description(replacing: stream, what)
  }

  func convert(_ packet: MediaPacket, _ receive: (MediaPacket) throws -> Void) throws {
    // A packet without data would mean the end to the decoder.
    guard packet.pointer.pointee.size > 0 else { return }
    let code = avcodec_send_packet(decoder.pointer, packet.pointer)
    try decode(receive)
    try ffmpeg(code, what)
  }

  func finish(_ receive: (MediaPacket) throws -> Void) throws {
    avcodec_send_packet(decoder.pointer, nil)
    // What is damaged at the end must not cost what is whole.
    let damage = Result { try decode(receive) }
    try filter?.filter(nil) { try framer.add($0) { try hand($0, receive) } }
    try framer.finish { try hand($0, receive) }
    try damage.get()
  }

  private func decode(_ receive: (MediaPacket) throws -> Void) throws {
    while true {
      let code = avcodec_receive_frame(decoder.pointer, frame.pointer)
      if code == fovea_averror_eagain || code == fovea_averror_eof { return }
      try ffmpeg(code, what)
      defer { av_frame_unref(frame.pointer) }
      frame.pointer.pointee.pts = frame.pointer.pointee.presentationStamp
      let form = SoundFilter.Form(frame.pointer)
      if let filter, !filter.takes(form) {
        try filter.filter(nil) { try framer.add($0) { try hand($0, receive) } }
        self.filter = nil
      }
      let filter = try filter ?? SoundFilter(form, timeBase: stream.timeBase, to: encoder, what)
      self.filter = filter
      try filter.filter(frame.pointer) { try framer.add($0) { try hand($0, receive) } }
    }
  }

  private func hand(_ packet: MediaPacket, _ receive: (MediaPacket) throws -> Void) throws {
    packet.pointer.pointee.stream_index = Int32(clamping: stream.index)
    try receive(packet)
  }
}

extension AVFrame {
  fileprivate var presentationStamp: Int64 { pts == fovea_nopts ? best_effort_timestamp : pts }
}
