import CLinux
import Frames
import Media

/// Pictures that libv4l turns into RGB: Bayer mosaics, and what webcams before USB's video class send.
final class ConvertedCameraPictures: CameraPictures {
  let format: FrameFormat?
  private let settled: FrameFormat
  private let converter: OpaquePointer

  /// - Parameter descriptor: the open camera; -1 where there is none.
  init(
    _ settled: fovea_camera_format, rate: Rational, name: String, descriptor: Int32, camera: String
  ) throws {
    var source = settled
    guard let made = fovea_camera_converter_open(descriptor, &source) else {
      throw CameraError(
        "the camera \(camera) sends \(settled.width)x\(settled.height) in the format \(name), which cannot be converted "
          + "at this size; choose another --resolution or --camera-format")
    }
    converter = made
    self.settled = FrameFormat(
      pixelFormat: .rgb24, width: Int(settled.width), height: Int(settled.height),
      color: ColorDescription(settled, isRGB: true),
      fieldOrder: FieldOrder(cameraField: settled.field, rows: settled.height), timeBase: CameraSource.timeBase,
      frameRate: rate)
    format = self.settled
  }

  deinit { fovea_camera_converter_close(converter) }

  func take(_ raw: fovea_camera_buffer, _ buffer: CameraBuffer, into frame: Frame) throws -> Bool {
    guard buffer.memory.count == 1, let memory = buffer.memory.first else { return false }
    let (start, end) = (raw.start(0), raw.used(0))
    guard start < end, end <= memory.count else { return false }
    return convert(UnsafeRawBufferPointer(rebasing: memory[start..<end]), into: frame)
  }

  /// Puts the picture of these bytes into `frame`; false when they are no whole picture.
  func convert(_ bytes: UnsafeRawBufferPointer, into frame: Frame) -> Bool {
    if frame.format != settled || !(frame.backing is PictureBuffer) {
      let buffer = PictureBuffer(settled)
      (frame.format, frame.backing, frame.planes) = (settled, buffer, buffer.planes)
    }
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress, let rgb = frame.planes[0].base else { return false }
    return fovea_camera_convert(
      converter, base, bytes.count, rgb.assumingMemoryBound(to: UInt8.self), frame.planes[0].stride) == 0
  }
}
