import CLinux
import Glibc
import Telemetry

/// An open video device: the one place through which requests reach a camera driver.
package final class CameraDevice {
  /// The path that was opened, as in `/dev/video0`.
  package let path: String
  package let descriptor: Int32
  package let capabilities: CameraCapabilities

  /// Opens a device. Throws a sentence for one that is missing, busy, no video device, or not permitted.
  package init(_ path: String) throws {
    self.path = path
    descriptor = open(path.fileName, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw CameraError(errno, "cannot open the camera \(path)") }
    var raw = v4l2_capability()
    let code = fovea_ioctl(descriptor, fovea_vidioc_querycap, &raw)
    guard code >= 0 else {
      close(descriptor)
      if code == -ENOTTY || code == -EINVAL {
        throw CameraError(ENOTTY, "cannot use \(path): it is no video device; 'fovea devices' lists the cameras")
      }
      throw CameraError(-code, "cannot use the camera \(path)")
    }
    capabilities = CameraCapabilities(raw)
  }

  deinit { close(descriptor) }

  /// How messages call it: the path and the camera's own name.
  package var name: String { capabilities.card.isEmpty ? path : "\(path) (\(capabilities.card))" }

  /// Sends a request; throws `CameraError` with `what` ("cannot start the camera").
  package func request<T>(_ request: UInt, _ argument: inout T, _ what: @autoclosure () -> String) throws {
    try check(withUnsafeMutablePointer(to: &argument) { fovea_ioctl(descriptor, request, $0) }, what())
  }

  /// Sends a request that the driver may refuse; false then.
  package func accepts<T>(_ request: UInt, _ argument: inout T) -> Bool {
    withUnsafeMutablePointer(to: &argument) { fovea_ioctl(descriptor, request, $0) } >= 0
  }

  /// Turns a negative code into an error that names the device.
  @discardableResult
  package func check(_ code: Int32, _ what: @autoclosure () -> String) throws -> Int32 {
    guard code < 0 else { return code }
    throw CameraError(-code, "\(what()) \(name)")
  }
}

/// What a device says of itself (VIDIOC_QUERYCAP).
package struct CameraCapabilities: Sendable, Hashable {
  /// The driver's name, as in "uvcvideo".
  package let driver: String
  package let card: String
  /// Where it is connected, as in "usb-0000:00:14.0-1".
  package let bus: String
  private let flags: UInt32

  init(_ raw: v4l2_capability) {
    driver = text(of: raw.driver)
    card = text(of: raw.card)
    bus = text(of: raw.bus_info)
    // A device may have several nodes; these are what this node can do.
    flags = raw.capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0 ? raw.device_caps : raw.capabilities
  }

  /// The type of its capture queue; nil when it gives no pictures that this program can stream.
  package var captureType: UInt32? {
    queueType(
      (UInt32(V4L2_CAP_VIDEO_CAPTURE), V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue),
      (UInt32(V4L2_CAP_VIDEO_CAPTURE_MPLANE), V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue))
  }

  /// The type of its output queue; nil when it takes no pictures.
  package var outputType: UInt32? {
    queueType(
      (UInt32(V4L2_CAP_VIDEO_OUTPUT), V4L2_BUF_TYPE_VIDEO_OUTPUT.rawValue),
      (UInt32(V4L2_CAP_VIDEO_OUTPUT_MPLANE), V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE.rawValue))
  }

  private func queueType(_ kinds: (flag: UInt32, type: UInt32)...) -> UInt32? {
    guard flags & UInt32(V4L2_CAP_STREAMING) != 0 else { return nil }
    return kinds.first { flags & $0.flag != 0 }?.type
  }
}

/// The text in a fixed array of bytes, up to the first zero; control characters become spaces.
package func text<T: BitwiseCopyable>(of bytes: T) -> String {
  withUnsafeBytes(of: bytes) { raw in
    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      .map { $0.isASCII && ($0.asciiValue ?? 32) < 32 ? " " : String($0) }.joined()
  }
}
