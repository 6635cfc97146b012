import Frames
import Telemetry

/// How raw samples on a pipe are to be read, since nothing in them says.
package struct RawVideo: Sendable {
  /// Columns.
  package var width: Int
  /// Rows.
  package var height: Int
  /// FFmpeg's name of the pixel format.
  package var pixelFormat: String
  /// Frames per second.
  package var frameRate: Rational

  /// All of it at once.
  package init(width: Int, height: Int, pixelFormat: String = "yuv420p", frameRate: Rational = Rational(25, 1)) {
    (self.width, self.height, self.pixelFormat, self.frameRate) = (width, height, pixelFormat, frameRate)
  }
}

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
  /// FFmpeg's name of the container format, where it is not to be guessed ("y4m", "mpegts", "rawvideo").
  package var format: String?
  /// Size and format of raw samples, with `format` "rawvideo".
  package var raw: RawVideo?
  /// Frames per second of an image sequence (25 when nil).
  package var frameRate: Rational?
  /// Threads that decode; 0 chooses.
  package var threads = 0
  /// What is asked of a camera.
  package var camera = CameraWishes()
  /// Seconds without data after which a network source has failed.
  package var timeout: Double = 10
  /// Where time comes from.
  package var clock: any TimeSource = SystemTime()
  /// Ends blocked calls, those of `openSource` too.
  package var interruption = Interruption()

  /// Everything from the beginning to the end, as fast as it is read.
  package init() {}
}
