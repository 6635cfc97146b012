import Media
import Settings
import Telemetry

/// What the program says while it works.
enum ProgramArguments {
  static let quiet = Option("quiet", short: "q", section: "Program", "say nothing but errors")
  static let verbose = Option("verbose", short: "v", section: "Program", "say more")
  /// Lines of a command's table.
  static let options: [any OptionSpec] = [quiet, verbose]

  /// For commands that print a table.
  static let json = Option("json", "print JSON instead of a table")

  /// Sets what is logged, by Fovea and by FFmpeg.
  static func apply(_ arguments: ParsedArguments) {
    Log.level = arguments[quiet] ? .error : arguments[verbose] ? .debug : .info
    FFmpegLog.route()
  }
}
