import CFFmpeg
import Frames
import Telemetry

/// The streams whose packets a tap is given.
package struct PacketStreams: Sendable {
  package let video: StreamDescription
  /// Sound, subtitles, data.
  package let others: [StreamDescription]

  package init(video: StreamDescription, others: [StreamDescription]) { (self.video, self.others) = (video, others) }
}

/// Receives the coded packets of a source while it is decoded, or of an encoder: for recordings that encode nothing again.
package protocol PacketTap: AnyObject, Sendable {
  /// The source was opened, or opened again after a loss or at the end of a loop: packets of these streams follow.
  func begin(_ streams: PacketStreams)
  /// Takes a packet. Its times are in its stream's time base, on the source's own time line. A receiver that keeps it makes a copy:
  /// its memory is used again.
  func take(_ packet: UnsafePointer<AVPacket>)
}
