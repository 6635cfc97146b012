import CFFmpeg
import CLinux
import Frames
import Media
import Telemetry

/// Turns a driver's buffers into pictures.
protocol CameraPictures: AnyObject {
  /// Puts the picture of a buffer into `frame`; false when it is not whole, or when the decoder needs more.
  func take(_ raw: fovea_camera_buffer, _ buffer: CameraBuffer, into frame: Frame) throws -> Bool
  /// The format of the pictures; of a decoder's, once there is one.
  var format: FrameFormat? { get }
}

/// Samples as they are, without copying them.
final class RawCameraPictures: CameraPictures {
  let format: FrameFormat?
  private let settled: FrameFormat
  private let planes: CameraPlanes

  init(_ negotiation: CameraNegotiation, camera: String) throws {
    let settled = negotiation.settled
    guard let pixels = negotiation.format.pixelFormat, let planes = CameraPlanes(settled, negotiation.format, pixels)
    else {
      throw CameraError(
        "the camera \(camera) describes its pictures (\(negotiation.description)) in a way that cannot be right")
    }
    self.planes = planes
    self.settled = FrameFormat(
      pixelFormat: pixels, width: Int(settled.width), height: Int(settled.height),
      color: ColorDescription(settled, isRGB: pixels.isRGB),
      fieldOrder: FieldOrder(cameraField: settled.field, rows: settled.height), timeBase: CameraSource.timeBase,
      frameRate: negotiation.rate)
    format = self.settled
  }

  func take(_ raw: fovea_camera_buffer, _ buffer: CameraBuffer, into frame: Frame) throws -> Bool {
    guard planes.fits(raw, in: buffer) else { return false }
    frame.format = settled
    planes.show(raw, in: buffer, by: frame)
    frame.backing = buffer
    return true
  }
}

/// Compressed pictures, decoded by FFmpeg.
final class CodedCameraPictures: CameraPictures {
  private(set) var format: FrameFormat?
  private let decoder: VideoDecoder
  private let fitter: PictureFitter
  private let rate: Rational
  private let packet: UnsafeMutablePointer<AVPacket>
  private let picture: AVFrameBox

  init(codec: AVCodecID, rate: Rational, camera: String, threads: Int) throws {
    decoder = try VideoDecoder(codec: codec, name: camera, threads: threads)
    fitter = PictureFitter(camera: camera)
    self.rate = rate
    picture = try AVFrameBox()
    packet = try ffmpeg(av_packet_alloc(), "cannot read the camera \(camera)")
  }

  deinit {
    var owned: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&owned)
  }

  func take(_ raw: fovea_camera_buffer, _ buffer: CameraBuffer, into frame: Frame) throws -> Bool {
    guard let memory = buffer.memory.first, let base = memory.baseAddress else { return false }
    let (start, end) = (raw.start(0), raw.used(0))
    guard start < end, end <= memory.count else { return false }
    return try decode(base.assumingMemoryBound(to: UInt8.self) + start, end - start, into: frame)
  }

  /// Puts the newest picture that these bytes complete into `frame`; false when there is none.
  func decode(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, into frame: Frame) throws -> Bool {
    // The decoder copies what is not reference-counted, with the padding that it needs.
    packet.pointee.data = bytes
    packet.pointee.size = Int32(clamping: count)
    defer { (packet.pointee.data, packet.pointee.size) = (nil, 0) }
    guard try decoder.send(packet) else { return false }
    var found = false
    // Where several pictures come out, only the newest is shown.
    while case .picture = try decoder.receive(into: picture.pointer) {
      try fitter.turn(picture.pointer)
      let format = try format(of: picture.pointer.pointee)
      let isDamaged = picture.pointer.pointee.isDamaged
      try fitter.deliver(picture.pointer, as: format, into: frame)
      frame.isDamaged = isDamaged
      found = true
    }
    return found
  }

  /// The format of the first picture; later ones are scaled to it.
  private func format(of picture: AVFrame) throws -> FrameFormat {
    if let format { return format }
    let made = try fitter.format(of: picture, timeBase: CameraSource.timeBase, frameRate: rate)
    format = made
    return made
  }
}
