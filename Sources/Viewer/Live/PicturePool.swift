import Frames
import Synchronization

/// Memory for the pictures of snapshots, used again when nobody looks at them any more.
final class PicturePool: Sendable {
  private struct State: @unchecked Sendable {
    // Safety: guarded by the pool's lock; a picture is only in here while nobody else has it.
    var free: [PictureBuffer] = []
    var format: FrameFormat?
  }
  private let state = Mutex(State())

  /// Hands its memory back to the pool when the last snapshot lets go of it.
  private final class Lease: @unchecked Sendable {
    // Safety: constant but for the end of its life.
    let buffer: PictureBuffer
    let format: FrameFormat
    weak let pool: PicturePool?
    init(_ buffer: PictureBuffer, _ format: FrameFormat, _ pool: PicturePool) {
      (self.buffer, self.format, self.pool) = (buffer, format, pool)
    }
    deinit { pool?.take(buffer, format) }
  }

  /// A frame with the same picture and properties, in memory of its own.
  func copy(of frame: Frame) -> Frame {
    let copy = Frame(frame.format)
    let buffer = buffer(frame.format)
    copy.backing = Lease(buffer, frame.format, self)
    copy.planes = buffer.planes
    copy.copyProperties(from: frame)
    copy.copyPicture(from: frame)
    return copy
  }

  private func buffer(_ format: FrameFormat) -> PictureBuffer {
    let free = state.withLock { state -> PictureBuffer? in
      if state.format != format { (state.free, state.format) = ([], format) }
      return state.free.popLast()
    }
    return free ?? PictureBuffer(format)
  }

  private func take(_ buffer: PictureBuffer, _ format: FrameFormat) {
    state.withLock { state in
      if state.format == format, state.free.count < 8 { state.free.append(buffer) }
    }
  }
}
