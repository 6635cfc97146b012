import Capture
import Frames
import Settings
import Telemetry

/// Which part of an input is read, and how: the same for every command that reads pictures.
struct InputArguments: Sendable {
  /// INPUT itself.
  static let address = ValueKind("INPUT") { try SourceAddress($0) }.withCommas

  static let start = Option("start", .time, section: "Input", "skip what comes before this time")
  static let duration = Option("duration", .time, section: "Input", "stop after this much time")
  static let loop = Option(
    "loop", section: "Input", "start again at the end, until interrupted or --duration is over")
  static let realtime = Option("realtime", section: "Input", "read a file no faster than it plays")
  static let noRealtime = Option("no-realtime", section: "Input", "read a file faster than it plays")
  static let format = Option(
    "input-format", .text("NAME"), standard: "found by looking at the data", section: "Input",
    "the container of INPUT, for pipes: y4m, mpegts, matroska, mjpeg, …")
  static let videoStream = Option(
    "video-stream", .integer(0...999) as ValueKind<Int>, standard: "the longest of most pixels", section: "Input",
    "the video of a file that has several, counted from 0")
  static let size = Option(
    "size", PictureSize.kind(limit: 16384, example: "640x480"), section: "Input",
    "columns and rows of raw video (--input-format rawvideo)")
  static let pixelFormat = Option(
    "pixel-format", .text("NAME"), standard: RawVideo.usualPixelFormat, section: "Input",
    "its pixel format, as FFmpeg calls it: yuv420p, rgb24, gray, …")
  static let frameRate = Option(
    "frame-rate", FrameRate.kind, standard: "\(RawVideo.usualFrameRate.numerator)", section: "Input",
    "its frames per second")
  static let noRetry = Option(
    "no-retry", section: "Input", "end when a camera or stream is lost, instead of waiting for it to come back")

  private static let rawVideo: [any OptionSpec] = [size, pixelFormat, frameRate]
  /// Lines of a command's table.
  static let options =
    [start, duration, loop, realtime, format, videoStream] + rawVideo + [noRetry] + CameraArguments.options
  /// The same for a command that shows files as they play.
  static let watchedOptions =
    [start, duration, loop, noRealtime, format, videoStream] + rawVideo + [noRetry] + CameraArguments.options

  private var options = SourceOptions()
  private let retries: Bool, isWatched: Bool

  /// - Parameter watched: pictures are looked at as they come. Files are read at their own pace then, and while a source is lost
  ///   dark pictures say why.
  init(_ arguments: ParsedArguments, watched: Bool = false) throws {
    (options.start, options.duration) = (arguments[Self.start], arguments[Self.duration])
    options.loop = arguments[Self.loop]
    options.realtime = watched ? !arguments[Self.noRealtime] : arguments[Self.realtime]
    (options.format, options.videoStream) = (arguments[Self.format], arguments[Self.videoStream])
    options.rawVideo = try Self.rawVideo(arguments)
    options.camera = CameraArguments.wishes(arguments)
    (retries, isWatched) = (!arguments[Self.noRetry], watched)
  }

  private static func rawVideo(_ arguments: ParsedArguments) throws -> RawVideo? {
    guard let size = arguments[size] else {
      guard !arguments.has(pixelFormat), !arguments.has(frameRate) else {
        throw UserError("--pixel-format and --frame-rate describe raw video, which also needs --size", .usage)
      }
      return nil
    }
    return try RawVideo(
      width: size.width, height: size.height, pixelFormat: arguments[pixelFormat], frameRate: arguments[frameRate])
  }

  /// Ends the sources that were opened.
  var interruption: Interruption { options.interruption }

  /// The same with an interruption of its own.
  var anew: InputArguments {
    var other = self
    other.options.interruption = Interruption()
    return other
  }

  /// Opens a source. A live one that is lost later comes back, unless --no-retry; others end.
  func open(_ address: SourceAddress) throws -> any FrameSource {
    guard retries, address.isLive else { return try openSource(address, options: options) }
    return try SteadySource(address, options: options, showsOutages: isWatched)
  }
}
