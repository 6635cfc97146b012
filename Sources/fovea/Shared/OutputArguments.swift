import Output
import Settings
import Telemetry

/// How pictures are encoded and written.
enum OutputArguments {
  /// OUTPUT itself.
  static let destination = ValueKind("OUTPUT") { try Destination($0) }

  static let overwrite = Option("overwrite", short: "y", section: "Output", "replace files that exist")
  static let format = Option(
    "format", .text("NAME"), standard: "by the output's name", short: "f", section: "Output",
    "mp4, mkv, webm, mov, avi, gif; for a pipe y4m, rawvideo, mjpeg, mpegts, matroska")
  static let codec = Option(
    "codec", .text("NAME"), standard: "by format", section: "Output", "the video encoder, as FFmpeg calls it")
  static let crf = Option(
    "crf", .number(0...63) as ValueKind<Double>, standard: "20 for H.264", section: "Output",
    "constant quality; lower is better")
  static let preset = Option(
    "preset", .text("NAME"), standard: "veryfast for H.264", section: "Output", "the encoder's speed")
  static let bitrate = Option(
    "bitrate", ValueKind("RATE") { try SinkOptions.bitrate($0) }, section: "Output",
    "bits per second, such as 800k or 4M, instead of --crf")
  static let pixelFormat = Option(
    "pix-fmt", .text("NAME"), standard: "that of INPUT where the encoder takes it", section: "Output",
    "the pixel format, as FFmpeg calls it")
  /// Lines of a command's table.
  static let options: [any OptionSpec] = [overwrite, format, codec, crf, preset, bitrate, pixelFormat]

  static let noCopy = Option("no-copy", section: "Output", "leave out sound, subtitles and other streams")
  static let noTranscode = Option(
    "no-transcode", section: "Output",
    "leave out sound and subtitles that the output's format cannot hold, instead of converting them")
  /// Lines of the table of a command that writes what the input has beside the video.
  static let companionOptions: [any OptionSpec] = [noCopy, noTranscode]

  /// What the command line asks for.
  /// - Parameters:
  ///   - keeping: files that are read, which are not replaced even with --overwrite.
  ///   - hasCompanions: the command has `companionOptions`.
  static func sink(
    _ arguments: ParsedArguments, keeping: Set<FileIdentity> = [], hasCompanions: Bool = false
  ) throws -> SinkOptions {
    if arguments.has(crf) && arguments.has(bitrate) {
      throw UserError("--crf and --bitrate exclude each other; give one of them.", .usage)
    }
    var options = SinkOptions(
      format: arguments[format], codec: arguments[codec], crf: arguments[crf], preset: arguments[preset],
      bitrate: arguments[bitrate], pixelFormat: arguments[pixelFormat], overwrite: arguments[overwrite],
      copiesCompanions: false)
    options.keeping = keeping
    if hasCompanions { takeCompanions(arguments, &options) }
    return options
  }

  /// What becomes of the streams beside the video.
  static func takeCompanions(_ arguments: ParsedArguments, _ options: inout SinkOptions) {
    (options.copiesCompanions, options.transcodesCompanions) = (!arguments[noCopy], !arguments[noTranscode])
  }
}
