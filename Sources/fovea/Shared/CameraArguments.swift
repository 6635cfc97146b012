import Capture
import Frames
import Settings

/// What is asked of a camera.
enum CameraArguments {
  static let resolution = Option(
    "resolution", PictureSize.kind(limit: 16384, example: "1280x720"),
    standard: "what comes nearest to \(CameraWishes.usualSize.width)x\(CameraWishes.usualSize.height)",
    section: "Camera", "columns and rows asked of a camera")
  static let format = Option(
    "camera-format", .text("NAME"), standard: "auto", section: "Camera",
    "pixel format asked of a camera: mjpeg, yuyv, nv12, …; 'fovea devices' lists them")
  static let rate = Option(
    "desired-fps", .number(0.1...1000), standard: "\(Int(CameraWishes.usualRate))", section: "Camera",
    "frames per second asked of it")
  static let timeout = Option(
    "device-timeout", .number(0.1...3600), default: CameraWishes().timeout, section: "Camera",
    "seconds without a frame after which it counts as lost")
  static let control = Option(
    "control", repeated: ValueKind("NAME=VALUE") { try CameraSetting($0) }, section: "Camera",
    "set a control, such as exposure_time_absolute=200; 'fovea devices --all' lists them")
  /// Lines of a command's table.
  static let options: [any OptionSpec] = [resolution, format, rate, timeout, control]

  /// What the command line asks of a camera.
  static func wishes(_ arguments: ParsedArguments) -> CameraWishes {
    var wishes = CameraWishes()
    wishes.size = arguments[resolution].map { ($0.width, $0.height) }
    wishes.format = arguments[format]
    wishes.rate = arguments[rate].map { Rational(Int(($0 * 1000).rounded()), 1000) }
    wishes.timeout = arguments[timeout]
    wishes.controls = arguments[control]
    return wishes
  }
}
