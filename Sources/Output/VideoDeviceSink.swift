import CFFmpeg
import CLinux
import Frames
import Glibc
import Media
import Telemetry

/// Sends pictures to a video device, such as v4l2loopback's, which other programs then read as a camera.
package final class VideoDeviceSink: FrameSink {
  private let path: String
  private var queue: CameraQueue?
  private var scaler: PictureScaler?
  private var view: AVFrameView?
  private var target: FrameFormat?
  /// Bytes from row to row of each plane, and of the whole picture.
  private var strides: [Int] = []
  private var byteCount = 0
  private var isStreaming = false

  /// Formats that conferencing programs take, the kernel's letters with FFmpeg's names, best first.
  private static let formats = [
    ("YU12", "yuv420p"), ("YUYV", "yuyv422"), ("NV12", "nv12"), ("UYVY", "uyvy422"), ("RGB3", "rgb24"),
    ("BGR3", "bgr24"), ("GREY", "gray"),
  ]
  /// Milliseconds for which the device may be busy.
  private static let patience: Int32 = 5000

  package init(_ path: String) { self.path = path }

  /// Opens the device and settles size and format with it.
  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {
    let device = try CameraDevice(path)
    guard let type = device.capabilities.outputType else {
      throw UserError(
        "cannot write to \(device.name): this device gives pictures and does not take any; 'fovea devices' says which do"
      )
    }
    let settled = try settle(device, type, format)
    let queue = try CameraQueue(device, type, count: 4)
    guard let buffer = queue.unqueued(), buffer.memory.count == 1, buffer.memory[0].count >= byteCount else {
      throw UserError("cannot write to \(device.name): its buffers do not fit its pictures")
    }
    view = try AVFrameView()
    (self.queue, target) = (queue, settled)
  }

  private func settle(_ device: CameraDevice, _ type: UInt32, _ source: FrameFormat) throws -> FrameFormat {
    let own = Self.formats.filter { $0.1 == source.pixelFormat.name }
    for (letters, name) in own + Self.formats {
      var wanted = fovea_camera_format()
      (wanted.width, wanted.height) = (UInt32(clamping: source.width), UInt32(clamping: source.height))
      (wanted.fourcc, wanted.colorspace) = (fovea_fourcc(letters), V4L2_COLORSPACE_SRGB.rawValue)
      wanted.field = V4L2_FIELD_NONE.rawValue
      let code = fovea_camera_set_format(device.descriptor, type, &wanted, 0)
      if code == -EBUSY { try device.check(code, "cannot set the size of pictures on") }
      guard code >= 0, wanted.fourcc == fovea_fourcc(letters), wanted.width > 0, wanted.height > 0, wanted.planes == 1,
        let pixels = PixelFormat(ffmpeg: av_get_pix_fmt(name))
      else { continue }
      setRate(device, type, source.frameRate)
      return try prepare(source, wanted, pixels)
    }
    throw UserError(
      "cannot write to \(device.name): it takes none of the formats that can be made here (YU12, YUYV, NV12, RGB3)")
  }

  /// Some devices have no rate; they take pictures as they come.
  private func setRate(_ device: CameraDevice, _ type: UInt32, _ rate: Rational) {
    guard rate.numerator > 0, rate.denominator > 0 else { return }
    var interval = v4l2_fract(
      numerator: UInt32(clamping: rate.denominator), denominator: UInt32(clamping: rate.numerator))
    _ = fovea_camera_set_interval(device.descriptor, type, &interval)
  }

  private func prepare(
    _ source: FrameFormat, _ settled: fovea_camera_format, _ pixels: PixelFormat
  ) throws -> FrameFormat {
    var target = source
    (target.pixelFormat, target.width, target.height) = (pixels, Int(settled.width), Int(settled.height))
    target.color = ColorDescription(range: pixels.isRGB ? .full : .limited, matrix: pixels.isRGB ? 0 : 6)
    target.sampleAspectRatio = Rational(1, 1)
    guard max(target.width, target.height) <= 16384 else {
      throw UserError("cannot write to \(path): it insists on \(target.width)x\(target.height)")
    }
    let first = max(Int(settled.stride.0), pixels.rowBytes(ofPlane: 0, width: target.width))
    strides = (0..<pixels.planeCount).map {
      first * pixels.rowBytes(ofPlane: $0, width: 64) / pixels.rowBytes(ofPlane: 0, width: 64)
    }
    byteCount = strides.indices.reduce(0) { $0 + strides[$1] * pixels.rows(ofPlane: $1, height: target.height) }
    scaler = try PictureScaler(
      from: source, as: source.pixelFormat.ffmpeg, to: target, placement: .letterbox(source, in: target))
    if (target.width, target.height) != (source.width, source.height) {
      Log.warning("\(path) takes \(target.width)x\(target.height): pictures are scaled into that")
    }
    return target
  }

  /// Sends one picture; waits when the device is not ready for it.
  package func write(_ frame: Frame) throws {
    guard let queue, let scaler, let view, let target else { return }
    let buffer = try freeBuffer(queue)
    guard var address = buffer.memory[0].baseAddress else { return }
    var planes = Planes()
    for (plane, stride) in strides.enumerated() {
      planes[plane] = (address, stride)
      address += stride * target.pixelFormat.rows(ofPlane: plane, height: target.height)
    }
    try scaler.scale(view.show(frame), into: planes)
    view.clear()
    var raw = fovea_camera_buffer()
    (raw.index, raw.planes, raw.field) = (UInt32(buffer.index), 1, V4L2_FIELD_NONE.rawValue)
    raw.setUsed(0, byteCount)
    raw.setLength(0, buffer.memory[0].count)
    raw.timestamp = frame.captureTime.nanoseconds
    try queue.queue(&raw)
    if !isStreaming { try queue.start() }
    isStreaming = true
  }

  private func freeBuffer(_ queue: CameraQueue) throws -> CameraBuffer {
    if let buffer = queue.unqueued() { return buffer }
    var raw = fovea_camera_buffer()
    let ready = fovea_camera_wait(queue.device.descriptor, 1, Self.patience)
    try queue.device.check(ready == 0 ? -ETIMEDOUT : ready, "cannot write to")
    guard let buffer = try queue.dequeue(&raw) else {
      throw CameraError(ETIMEDOUT, "cannot write to \(queue.device.name)")
    }
    return buffer
  }

  package func write(_ packet: any CompanionPacket) throws {}

  package func finish(_ ending: Ending) throws { close() }

  package func abort() { close() }

  private func close() {
    queue?.stop()
    queue = nil
  }
}
