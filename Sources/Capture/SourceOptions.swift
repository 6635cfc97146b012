import Media
import Telemetry

/// How a source is read.
package struct SourceOptions: Sendable {
  /// Seconds from the beginning of the file at which to begin. The first frame delivered is the first one at or after
  /// it; time then restarts at 0.
  package var start: Double?
  /// Seconds after which to end.
  package var duration: Double?
  /// Begin again at the end, with time stamps that go on.
  package var loop = false
  /// Deliver frames at the pace of their time stamps, as a camera would.
  package var realtime = false
  /// FFmpeg's name of the container format, where it is not to be guessed ("y4m", "mpegts").
  package var format: String?
  /// The number of the video stream among those of the file, from 0; nil chooses.
  package var videoStream: Int?
  /// What raw video, which says nothing of itself, consists of.
  package var rawVideo: RawVideo?
  /// Threads that decode; 0 chooses.
  package var threads = 0
  package var camera = CameraWishes()
  /// Receives the coded packets, also of later openings; nil: none. Sources without packets (cameras, test pictures) give none.
  package var packets: (any PacketTap)?
  /// RTSP's packets come in UDP datagrams, which may get lost, instead of over TCP.
  package var prefersUDP = false
  /// Seconds without data after which a network source has failed.
  package var timeout: Double = 10
  package var clock: any TimeSource = SystemTime()
  /// Ends blocked calls, those of `openSource` too.
  package var interruption = Interruption()

  package init() {}
}
