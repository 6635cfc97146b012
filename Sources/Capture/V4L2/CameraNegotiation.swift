import CLinux
import Media
import Frames
import Telemetry

/// What a camera was asked for and what it will do.
struct CameraNegotiation {
  let format: CameraPixelFormat
  /// As the driver settled it.
  let settled: fovea_camera_format
  /// Frames per second; 0/1 when the driver does not say.
  let rate: Rational
  let isDifferent: Bool

  /// As in "1280x720 mjpeg at 30 frames/s".
  var description: String {
    let speed = rate.value > 0 ? " at \(Self.number(rate.value)) frames/s" : ""
    return "\(settled.width)x\(settled.height) \(format.name)\(speed)"
  }

  /// Sets the camera to what comes nearest to the wishes.
  init(_ device: CameraDevice, _ type: UInt32, _ wishes: CameraWishes) throws {
    let modes = device.modes(type)
    guard let choice = CameraChoice.best(of: modes, for: wishes) else { throw Self.nothing(device, modes, wishes) }
    var wanted = fovea_camera_format()
    (wanted.width, wanted.height, wanted.fourcc) = (UInt32(choice.width), UInt32(choice.height), choice.code)
    try device.check(
      fovea_camera_set_format(device.descriptor, type, &wanted, 0),
      "cannot set \(choice.width)x\(choice.height) \(CameraPixelFormat.letters(choice.code)) on the camera")
    settled = wanted
    guard let format = CameraPixelFormat.known(wanted.fourcc), wanted.width > 0, wanted.height > 0,
      max(wanted.width, wanted.height) <= Demuxer.sideLimit
    else {
      throw CameraError(
        "the camera \(device.name) insists on \(wanted.width)x\(wanted.height) in the format "
          + "'\(CameraPixelFormat.letters(wanted.fourcc))', which cannot be read")
    }
    self.format = format
    rate = Self.setRate(device, type, choice.rate) ?? Rational(0, 1)
    isDifferent = Self.differs(wanted, format, rate, wishes)
  }

  private static func differs(
    _ settled: fovea_camera_format, _ format: CameraPixelFormat, _ rate: Rational, _ wishes: CameraWishes
  ) -> Bool {
    if let size = wishes.size, size != (Int(settled.width), Int(settled.height)) { return true }
    if let name = wishes.format, name != "auto", format.name != name.lowercased(), format.fourcc != name.uppercased() {
      return true
    }
    guard let wanted = wishes.rate, rate.value > 0 else { return false }
    return abs(wanted.value - rate.value) > 0.5
  }

  private static func setRate(_ device: CameraDevice, _ type: UInt32, _ rate: Rational?) -> Rational? {
    var interval = v4l2_fract()
    if let rate {
      interval = v4l2_fract(
        numerator: UInt32(clamping: rate.denominator), denominator: UInt32(clamping: rate.numerator))
      if fovea_camera_set_interval(device.descriptor, type, &interval) >= 0 { return CameraDevice.rate(interval) }
    }
    guard fovea_camera_get_interval(device.descriptor, type, &interval) >= 0 else { return nil }
    return CameraDevice.rate(interval)
  }

  private static func nothing(_ device: CameraDevice, _ modes: [CameraMode], _ wishes: CameraWishes) -> any Error {
    let readable = modes.compactMap(\.name)
    guard let wish = wishes.format, wish != "auto", !readable.isEmpty else {
      let letters = modes.map { "'\($0.fourcc)'" }.joined(separator: ", ")
      return CameraError(
        "the camera \(device.name) gives no pictures that can be read here"
          + (letters.isEmpty ? "; choose another device, 'fovea devices' lists them" : ": only \(letters)"))
    }
    var seen: Set<String> = []
    let names = readable.filter { seen.insert($0).inserted }.joined(separator: ", ")
    return UserError("the camera \(device.name) has no format '\(wish)'; it has \(names)", .usage)
  }

  static func number(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String((value * 100).rounded() / 100)
  }
}
