/// Memory for one picture: 64-byte aligned rows.
package final class PictureBuffer: @unchecked Sendable {
  // Safety: owned by exactly one frame.
  private let memory: UnsafeMutableRawBufferPointer
  package let planes: Planes

  package init(_ format: FrameFormat) {
    var offsets: [(Int, Int)] = []
    var total = 0
    for plane in 0..<format.pixelFormat.planeCount {
      let stride = (format.pixelFormat.rowBytes(ofPlane: plane, width: format.width) + 63) & ~63
      offsets.append((total, stride))
      total += stride * format.pixelFormat.rows(ofPlane: plane, height: format.height)
    }
    // Slack: SIMD code of encoders may read past the last row.
    memory = .allocate(byteCount: total + 128, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    var planes = Planes()
    for (plane, (offset, stride)) in offsets.enumerated() {
      planes[plane] = (memory.baseAddress! + offset, stride)
    }
    self.planes = planes
  }

  deinit { memory.deallocate() }
}

extension Frame {
  /// A frame with writable memory of its own.
  package static func allocated(_ format: FrameFormat) -> Frame {
    let frame = Frame(format)
    let buffer = PictureBuffer(format)
    frame.backing = buffer
    frame.planes = buffer.planes
    return frame
  }

  /// Copies the picture of a frame of the same pixel format and size; nothing beside the samples is touched. Both must have memory.
  package func copyPicture(from other: Frame) {
    let pixel = other.format.pixelFormat
    for plane in 0..<pixel.planeCount {
      let bytes = pixel.rowBytes(ofPlane: plane, width: other.format.width)
      let (from, fromStride) = other.planes[plane]
      let (to, toStride) = planes[plane]
      guard let from, let to else { preconditionFailure("a frame without memory") }
      for y in 0..<pixel.rows(ofPlane: plane, height: other.format.height) {
        (to + y * toStride).copyMemory(from: from + y * fromStride, byteCount: bytes)
      }
    }
  }

  /// Copies presentation time, sequence, damage and side data from another frame, not its picture.
  package func copyProperties(from other: Frame) {
    (pts, duration, captureTime, sequence) = (other.pts, other.duration, other.captureTime, other.sequence)
    (isDamaged, outage, sideData) = (other.isDamaged, other.outage, other.sideData)
  }
}
