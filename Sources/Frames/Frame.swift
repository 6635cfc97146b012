import Telemetry

/// The start and row stride of each memory plane of a picture.
package struct Planes: @unchecked Sendable {
  // Safety: these are only addresses; the frame says which thread may touch the memory.
  private var bases:
    (
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
      UnsafeMutableRawPointer?
    )
  private var strides: (Int, Int, Int, Int)

  package init() {
    bases = (nil, nil, nil, nil)
    strides = (0, 0, 0, 0)
  }

  /// The address of the first row and the distance in bytes from row to row (negative when stored bottom-up).
  package subscript(plane: Int) -> (base: UnsafeMutableRawPointer?, stride: Int) {
    get {
      switch plane {
      case 0: (bases.0, strides.0)
      case 1: (bases.1, strides.1)
      case 2: (bases.2, strides.2)
      default: (bases.3, strides.3)
      }
    }
    set {
      switch plane {
      case 0: (bases.0, strides.0) = newValue
      case 1: (bases.1, strides.1) = newValue
      case 2: (bases.2, strides.2) = newValue
      default: (bases.3, strides.3) = newValue
      }
    }
  }
}

/// Why there is no picture, and since when.
package struct Outage: Sendable, Hashable {
  /// A sentence without its full stop.
  package var reason: String
  package var since: MonotonicTime

  package init(reason: String, since: MonotonicTime) { (self.reason, self.since) = (reason, since) }
}

/// A picture in its native pixel format, in memory that `backing` owns.
///
/// Frames are containers that live in ring slots and pools and are filled again and again: a source puts a decoded
/// picture into one without copying it, by letting `backing` hold the decoder's buffer. Exactly one thread uses a
/// frame at a time; the ring hands it from stage to stage.
package final class Frame: @unchecked Sendable {
  // Safety: the ring or pool that leases a frame gives it to one thread at a time.

  package var format: FrameFormat
  /// Where the samples are. A decoder may share its pictures: only frames with memory of their own (`allocated`) may be
  /// written.
  package var planes = Planes()
  /// What repetitions of a loop have added to `pts`: the picture was shown first at `pts - loopShift`.
  package var loopShift: Int64 = 0
  /// Presentation time in `format.timeBase` units; nil when the stream does not say.
  package var pts: Int64?
  /// How long the picture stands, in `format.timeBase` units; 0 when unknown.
  package var duration: Int64 = 0
  /// When light fell on the sensor, or the frame left the decoder.
  package var captureTime = MonotonicTime(nanoseconds: 0)
  /// The number of the frame in its stream, from 0, counting those that were dropped later.
  package var sequence: UInt64 = 0
  /// The decoder could not read all of the picture's data and concealed the rest.
  package var isDamaged = false
  /// Set on a dark picture that stands for a lost source: why it is lost.
  package var outage: Outage?
  /// What the picture has beside its samples, such as closed captions; the media library made it and knows what it is.
  package var sideData: AnyObject?
  /// What keeps the memory of `planes` alive: a decoder's frame, a pool's buffer.
  package var backing: AnyObject?

  package init(_ format: FrameFormat) { self.format = format }

  /// Seconds on the stream's time line, or nil without a time stamp.
  package var seconds: Double? { pts.map { Double($0) * format.timeBase.value } }

  /// Seconds on the stream's time line when the picture was shown first: the same in every pass of a loop.
  package var moment: Double? { pts.map { Double($0.subtractingClamped(loopShift)) * format.timeBase.value } }
}

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
    loopShift = other.loopShift
  }
}
