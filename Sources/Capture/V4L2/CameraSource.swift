import CFFmpeg
import CLinux
import Frames
import Media
import Telemetry

/// Pictures from a V4L2 camera, as they come. Presentation times count microseconds from the first picture, by the
/// driver's time stamps.
final class CameraSource: FrameSource {
  static let timeBase = Rational(1, 1_000_000)

  let format: FrameFormat
  let info: SourceInfo
  private(set) var counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?

  private let camera: String
  private let options: SourceOptions
  private let queue: CameraQueue
  private let pictures: any CameraPictures
  private let pending: Frame
  private var hasPending = true
  private var clock: CameraClock

  /// Opens the camera, sets it up and waits for its first picture.
  init(_ path: String, options: SourceOptions) throws {
    self.options = options
    let device = try CameraDevice(path)
    camera = device.name
    guard let type = device.capabilities.captureType else {
      throw CameraError(
        "cannot use \(device.name): this node gives no pictures (a camera may have several nodes; "
          + "'fovea devices' lists those that do)")
    }
    try device.set(options.camera.controls)
    let negotiation = try CameraNegotiation(device, type, options.camera)
    let level = negotiation.isDifferent ? "; the camera offers nothing nearer to what was asked" : ""
    Log.info("\(device.name): \(negotiation.description)\(level)")
    pictures = try Self.pictures(negotiation, device, threads: options.threads)
    queue = try CameraQueue(device, type, count: options.camera.buffers)
    try queue.queueReturned()
    try queue.start()
    clock = CameraClock(clock: options.clock)
    pending = Frame(FrameFormat(pixelFormat: .gray, width: 1, height: 1))
    let found = try Self.next(
      queue, pictures, options, camera, into: pending, clock: &clock, counters: &counters)
    guard found, let format = pictures.format else {
      throw CameraError("cannot open the camera \(camera): interrupted")
    }
    self.format = format
    info = SourceInfo(name: device.capabilities.card.isEmpty ? path : device.capabilities.card, isLive: true)
  }

  private static func pictures(
    _ negotiation: CameraNegotiation, _ device: CameraDevice, threads: Int
  ) throws -> any CameraPictures {
    switch negotiation.format.content {
    case .samples: try RawCameraPictures(negotiation, camera: device.name)
    case .coded(let codec):
      try CodedCameraPictures(
        codec: AVCodecID(codec), rate: negotiation.rate, camera: device.name, threads: threads)
    case .converted:
      try ConvertedCameraPictures(
        negotiation.settled, rate: negotiation.rate, name: negotiation.format.name, descriptor: device.descriptor,
        camera: device.name)
    }
  }

  func interrupt() { options.interruption.request() }

  func read(into frame: Frame) throws -> Bool {
    if hasPending {
      hasPending = false
      frame.take(pending)
      return !options.interruption.isRequested
    }
    frame.backing = frame.backing is CameraBuffer ? nil : frame.backing
    return try Self.next(queue, pictures, options, camera, into: frame, clock: &clock, counters: &counters)
  }

  /// Waits for the next whole picture; false when interrupted. Throws when none comes in time.
  private static func next(
    _ queue: CameraQueue, _ pictures: any CameraPictures, _ options: SourceOptions, _ camera: String,
    into frame: Frame, clock: inout CameraClock, counters: inout SourceCounters
  ) throws -> Bool {
    let begin = options.clock.now()
    while !options.interruption.isRequested {
      try queue.queueReturned()
      let ready = fovea_camera_wait(queue.device.descriptor, 0, 50)
      try queue.device.check(ready, "lost the camera")
      if ready == 0, options.clock.now().seconds(since: begin) > options.camera.timeout {
        throw CameraError(
          "lost the camera \(camera): no picture for \(CameraNegotiation.number(options.camera.timeout)) s")
      }
      var raw = fovea_camera_buffer()
      guard ready > 0, let buffer = try queue.dequeue(&raw) else { continue }
      counters.driverDrops += clock.gap(before: raw)
      frame.isDamaged = false
      let isWhole = raw.flags & UInt32(V4L2_BUF_FLAG_ERROR) == 0
      guard isWhole, try pictures.take(raw, buffer, into: frame) else {
        counters.damagedPackets += 1
        continue
      }
      clock.stamp(frame, raw)
      if let end = options.duration, let time = frame.seconds, time >= end { return false }
      return true
    }
    return false
  }
}

/// Time stamps and numbers of a camera's pictures.
struct CameraClock {
  let clock: any TimeSource
  private var firstTime: Int64?
  private var lastTime: Int64 = -1
  private var firstNumber: UInt32?, lastNumber: UInt32?

  init(clock: any TimeSource) { self.clock = clock }

  /// How many pictures the driver dropped before this one.
  mutating func gap(before raw: fovea_camera_buffer) -> Int {
    defer { lastNumber = raw.sequence }
    guard let lastNumber, raw.sequence > lastNumber else { return 0 }
    return Int(raw.sequence - lastNumber) - 1
  }

  /// Sets the frame's times and number from the driver's.
  mutating func stamp(_ frame: Frame, _ raw: fovea_camera_buffer) {
    let now = clock.now()
    let isMonotonic =
      raw.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK) == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
    // Some drivers stamp with another clock, or with nothing.
    let isUsable = isMonotonic && raw.timestamp > 0 && raw.timestamp <= now.nanoseconds
    let taken = isUsable ? raw.timestamp : now.nanoseconds
    let first = firstTime ?? taken
    firstTime = first
    // Time stamps never go back or stand still, whatever the driver says.
    lastTime = max((taken - first) / 1000, lastTime + 1)
    (frame.pts, frame.duration) = (lastTime, 0)
    let number = firstNumber ?? raw.sequence
    firstNumber = number
    frame.sequence = UInt64(raw.sequence &- number)
    frame.captureTime = MonotonicTime(nanoseconds: taken)
  }
}

extension Frame {
  /// Takes another frame's picture, leaving it empty.
  func take(_ other: Frame) {
    (format, planes, backing) = (other.format, other.planes, other.backing)
    copyProperties(from: other)
    other.backing = nil
  }
}
