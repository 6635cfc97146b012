import Glibc
import Telemetry

/// The refusal of a camera driver, as a sentence for the user.
package struct CameraError: Error, CustomStringConvertible, Sendable {
  package let description: String

  /// `what` ("cannot start the camera /dev/video0") with the reason of the number and what to do about it.
  package init(_ code: Int32, _ what: String) {
    description = Self.reasons[code].map { "\(what): \($0)" } ?? "\(what): \(String(cString: strerror(code)))"
  }

  package init(_ sentence: String) { description = sentence }

  private static let reasons: [Int32: String] = [
    ENOENT: "there is no such device; 'fovea devices' lists the cameras",
    ENXIO: "the device is not there any more; plug it in again",
    ENODEV: "the camera was unplugged, or its driver removed",
    EACCES: "permission denied; add the user to the group \"video\"",
    EPERM: "the system does not permit it",
    EBUSY: "another program is using the camera; close it",
    EIO: "the driver reports an input/output error; plug the camera in again if this lasts",
    EINVAL: "the driver does not accept it",
    ENOTTY: "the driver does not know this request",
    ENOSPC:
      "the USB bus has no bandwidth left; choose a smaller --resolution or --camera-format mjpeg, or another port",
    ENOMEM: "the driver has no memory left; choose a smaller --resolution",
    EPIPE: "the camera does not answer; plug it in again",
    EPROTO: "the USB connection failed; plug the camera in again",
    ETIMEDOUT: "the camera does not answer",
    ERANGE: "the value is out of range",
    EISDIR: "it is a folder; name a device such as /dev/video0",
  ]
}
