import Frames
import Telemetry

/// One container or stream format that can be written.
struct OutputFormat: Sendable {
  /// How the bytes reach their place.
  enum Kind: Sendable {
    /// A muxer of libavformat.
    case container
    /// One file for each picture.
    case pictures
    case null
  }

  /// What users call it; the first is used in messages.
  let names: [String]
  let extensions: [String]
  var muxer: String
  /// The encoder when the user names none.
  let encoder: String
  var kind = Kind.container
  var muxerOptions: [(String, String)] = []
  /// Is written as fragments, then made a regular file with its index in front.
  var isFragmented = false
  /// Pictures come at a constant rate: times are counted in frames.
  var hasConstantRate = false
  /// There are no time stamps at all: a picture that stands longer than a frame is repeated.
  var repeatsFrames = false
  /// Seconds between two times that it can tell apart, where that is longer than between frames.
  var grid: Rational?
  /// The longest step from one frame to the next that it can tell, in ticks of the video track: the mov muxer counts in 31 bits and ends
  /// the program when that is not enough, AVI writes an empty frame for each.
  var longestTicks: Int64?
  /// The same in seconds: FLV has 31 bits for all milliseconds, GIF 16 bits for hundredths.
  var longestSeconds: Double?
  /// Times begin at 0: players would show nothing until a late start is reached.
  var beginsAtZero = false

  /// Every format, in the order of the manual.
  static let all: [OutputFormat] = [
    OutputFormat(
      names: ["mp4"], extensions: ["mp4", "m4v"], muxer: "mp4", encoder: "libx264", isFragmented: true,
      longestTicks: 1 << 30, beginsAtZero: true),
    OutputFormat(
      names: ["mov"], extensions: ["mov", "qt"], muxer: "mov", encoder: "libx264", isFragmented: true,
      longestTicks: 1 << 30, beginsAtZero: true),
    // Clusters of a second: what an interrupted file loses.
    OutputFormat(
      names: ["mkv", "matroska"], extensions: ["mkv"], muxer: "matroska", encoder: "libx264",
      muxerOptions: [("cluster_time_limit", "1000")]),
    OutputFormat(
      names: ["webm"], extensions: ["webm"], muxer: "webm", encoder: "libvpx-vp9",
      muxerOptions: [("cluster_time_limit", "1000")], beginsAtZero: true),
    OutputFormat(
      names: ["avi"], extensions: ["avi"], muxer: "avi", encoder: "mpeg4", hasConstantRate: true, longestTicks: 60_000,
      beginsAtZero: true),
    OutputFormat(
      names: ["gif"], extensions: ["gif"], muxer: "gif", encoder: "gif", grid: Rational(1, 100), longestSeconds: 655,
      beginsAtZero: true),
    OutputFormat(names: ["mpegts", "ts"], extensions: ["ts", "m2ts", "mts"], muxer: "mpegts", encoder: "libx264"),
    OutputFormat(
      names: ["flv"], extensions: ["flv"], muxer: "flv", encoder: "libx264", longestSeconds: 1_000_000,
      beginsAtZero: true),
    OutputFormat(names: ["nut"], extensions: ["nut"], muxer: "nut", encoder: "ffv1"),
    OutputFormat(
      names: ["y4m", "yuv4mpegpipe"], extensions: ["y4m"], muxer: "yuv4mpegpipe", encoder: "wrapped_avframe",
      hasConstantRate: true, repeatsFrames: true),
    OutputFormat(
      names: ["rawvideo", "raw"], extensions: ["yuv", "rgb"], muxer: "rawvideo", encoder: "rawvideo",
      hasConstantRate: true, repeatsFrames: true),
    OutputFormat(
      names: ["mjpeg"], extensions: ["mjpeg", "mjpg"], muxer: "mjpeg", encoder: "mjpeg", hasConstantRate: true,
      repeatsFrames: true),
    OutputFormat(names: ["rtsp"], extensions: [], muxer: "rtsp", encoder: "libx264"),
    OutputFormat(names: ["png"], extensions: ["png"], muxer: "image2pipe", encoder: "png", kind: .pictures),
    OutputFormat(
      names: ["jpg", "jpeg"], extensions: ["jpg", "jpeg"], muxer: "mjpeg", encoder: "mjpeg", kind: .pictures),
    OutputFormat(names: ["bmp"], extensions: ["bmp"], muxer: "image2pipe", encoder: "bmp", kind: .pictures),
    OutputFormat(names: ["tiff"], extensions: ["tif", "tiff"], muxer: "image2pipe", encoder: "tiff", kind: .pictures),
    OutputFormat(names: ["webp"], extensions: ["webp"], muxer: "image2pipe", encoder: "libwebp", kind: .pictures),
    OutputFormat(names: ["null"], extensions: [], muxer: "", encoder: "", kind: .null),
  ]

  /// The format that a user names.
  static func named(_ name: String) throws -> OutputFormat {
    if let format = all.first(where: {
      $0.names.contains(name.lowercased()) || $0.extensions.contains(name.lowercased())
    }) {
      return format
    }
    let names = all.map { $0.names[0] }
    let hint = suggestion(for: name, among: names)
    throw UserError(
      "there is no output format '\(name)'\(hint.isEmpty ? "; known are \(names.joined(separator: ", "))" : hint)",
      .usage)
  }

  /// The format that a file name's ending asks for.
  static func ofFile(_ path: String) throws -> OutputFormat {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let ending = parts.count > 1 ? parts[parts.count - 1].lowercased() : ""
    if let format = all.first(where: { $0.extensions.contains(ending) }) { return format }
    let known = all.flatMap(\.extensions)
    let problem =
      ending.isEmpty ? "has no ending that tells its format" : "ends in .\(ending), which is no known format"
    let hint = nearestName(to: ending, among: known).map { "did you mean .\($0)?" } ?? "name it .mp4, or give --format"
    throw UserError("\(path) \(problem); \(hint)", .usage)
  }
}
