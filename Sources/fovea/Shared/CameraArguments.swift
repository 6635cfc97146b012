import Capture
import Frames
import Settings
import Telemetry

/// The options of a camera, the same for each command that reads one.
enum CameraArguments {
  /// Lines of a command's table.
  static let specs = [
    OptionSpec(
      "resolution", .text("WxH"), section: "Camera", standard: "what comes nearest to 1280x720",
      "columns and rows asked of a camera"),
    OptionSpec(
      "format", .text("NAME"), section: "Camera", standard: "auto",
      "pixel format asked of a camera: mjpeg, yuyv, nv12, …; 'fovea devices' lists them"),
    OptionSpec("desired-fps", .number(0.1...1000), section: "Camera", standard: "30", "frames per second asked of it"),
    OptionSpec(
      "device-timeout", .number(0.1...3600), section: "Camera", standard: "5",
      "seconds without a frame after which it counts as lost"),
    OptionSpec(
      "control", .text("NAME=VALUE"), section: "Camera", repeats: true,
      "set a control, such as exposure_time_absolute=200; 'fovea devices --all' lists them"),
  ]

  /// What the command line asks of a camera.
  static func wishes(_ arguments: ParsedArguments) throws -> CameraWishes {
    var wishes = CameraWishes()
    if let text = arguments.text("resolution") { wishes.size = try size(text) }
    wishes.format = arguments.text("format")
    if let rate = arguments.number("desired-fps") { wishes.rate = Rational(Int((rate * 1000).rounded()), 1000) }
    if let seconds = arguments.number("device-timeout") { wishes.timeout = seconds }
    wishes.controls = try arguments.all("control").map { try CameraSetting($0) }
    return wishes
  }

  private static func size(_ text: String) throws -> (width: Int, height: Int) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], (1...16384).contains(width),
      (1...16384).contains(height)
    else { throw UserError("'--resolution \(text)': columns and rows are needed, such as 1280x720.", .usage) }
    return (width, height)
  }
}
