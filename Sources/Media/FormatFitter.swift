import CFFmpeg
import Frames
import Telemetry

/// Converts pictures of changing formats into one format.
package final class FormatFitter {
  private let target: FrameFormat
  private let view: AVFrameView?
  private var scaler: (source: FrameFormat, scaler: PictureScaler)?

  package init(_ target: FrameFormat) {
    self.target = target
    view = try? AVFrameView()
  }

  /// True when pictures of this format need no change.
  package func matches(_ format: FrameFormat) -> Bool {
    format.pixelFormat == target.pixelFormat && format.width == target.width && format.height == target.height
  }

  /// Scales a picture, with black beside it where the shapes differ.
  package func fit(_ picture: Frame, into frame: Frame) throws {
    prepare(frame)
    guard let view else { throw UserError("cannot scale a picture: out of memory; close other programs") }
    if scaler?.source != picture.format {
      scaler = (
        picture.format,
        try PictureScaler(
          from: picture.format, as: picture.format.pixelFormat.ffmpeg, to: target,
          placement: .letterbox(picture.format, in: target))
      )
    }
    try scaler?.scaler.scale(view.show(picture), into: frame.planes)
    frame.copyProperties(from: picture)
    view.clear()
  }

  /// A dark picture.
  package func blank(_ frame: Frame) throws {
    prepare(frame)
    for (index, component) in target.pixelFormat.components.enumerated() {
      let (base, stride) = frame.planes[component.plane]
      guard let base else { continue }
      let value = darkness(of: index, component)
      let columns = target.pixelFormat.width(ofComponent: index, in: target.width)
      for row in 0..<target.pixelFormat.height(ofComponent: index, in: target.height) {
        let line = base + row * stride + component.offset
        for column in 0..<columns { store(value, component, at: line + column * component.step) }
      }
    }
    (frame.duration, frame.isDamaged) = (0, false)
  }

  private func store(_ value: Int, _ component: PixelComponent, at address: UnsafeMutableRawPointer) {
    if component.depth + component.shift > 8 {
      address.storeBytes(of: UInt16(truncatingIfNeeded: value << component.shift).littleEndian, as: UInt16.self)
    } else {
      address.storeBytes(of: UInt8(truncatingIfNeeded: value << component.shift), as: UInt8.self)
    }
  }

  private func darkness(of index: Int, _ component: PixelComponent) -> Int {
    let full = (1 << component.depth) - 1
    if target.pixelFormat.hasAlpha, index == target.pixelFormat.components.count - 1 { return full }
    if target.pixelFormat.isChroma(index) { return (full + 1) / 2 }
    return full * 24 / 255
  }

  private func prepare(_ frame: Frame) {
    if frame.format == target, frame.backing is PictureBuffer { return }
    frame.format = target
    let buffer = PictureBuffer(target)
    (frame.backing, frame.planes) = (buffer, buffer.planes)
  }
}
