import CFFmpeg
import Frames
import Media
import Telemetry

/// Encodes frames and gives the packets to a tap: for recordings of pictures that have overlays, or of cameras that send no packets.
package final class PacketSink: FrameSink, @unchecked Sendable {
  // Safety: frames come from one thread; packets only go to the tap, which takes them from any.
  private let options: SinkOptions
  private let name: String
  private let tap: any PacketTap
  private var video: EncodedVideo?

  /// - Parameter name: for messages.
  package init(_ name: String, _ options: SinkOptions, tap: any PacketTap) {
    (self.name, self.options, self.tap) = (name, options, tap)
  }

  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {
    let output = try OutputFormat.named("mp4")
    let codec = try EncoderChoice.encoder(options.codec ?? output.encoder)
    let video = try EncodedVideo(format, output, codec: codec, options, isLive: true, name: name)
    let track = try VideoTrack(video.encoder, timeBase: video.packetTimeBase, format: format, sideData: [])
    self.video = video
    let sound = (companions as? MediaCompanions)?.streams.filter { $0.kind == AVMEDIA_TYPE_AUDIO } ?? []
    takenCompanions = Set(sound.map(\.index))
    index = (sound.map(\.index).max() ?? -1) + 1
    tap.begin(
      PacketStreams(
        video: try StreamDescription(encoded: track.parameters, timeBase: track.timeBase, index: index), others: sound))
  }

  package private(set) var takenCompanions: Set<Int> = []
  /// The video's number among the streams.
  private var index = 0

  package func write(_ frame: Frame) throws { try video?.encode(frame) { give($0) } }

  package func write(_ packet: any CompanionPacket) throws {
    guard let packet = packet as? MediaPacket, takenCompanions.contains(packet.streamIndex) else { return }
    tap.take(packet.pointer)
  }

  package func finish(_ ending: Ending) throws {
    try video?.drain { give($0) }
    video = nil
  }

  package func abort() { video = nil }

  private func give(_ packet: UnsafeMutablePointer<AVPacket>) {
    packet.pointee.stream_index = Int32(index)
    tap.take(packet)
  }
}
