import Foundation
import Frames
import Telemetry

/// The source that is read now, and the one that takes its place when the reading of it ends. Time stamps go on from one to the
/// next as the clock does.
final class SourceSwitch: @unchecked Sendable {
  // Safety: the references are touched under `lock`; a source is read by one thread, to which `latest` and `shift` belong; `interrupt`,
  // `format` and `info` may be used from any.
  private let lock = NSLock()
  private var source: any FrameSource
  private var next: (any FrameSource)?
  /// The latest picture: its place on the time line in seconds, and when it was taken.
  private var latest: (seconds: Double, taken: MonotonicTime)?
  /// Added to the source's time stamps, in units of its time base; nil until its first picture.
  private var shift: Int64? = 0

  init(_ source: any FrameSource) { self.source = source }

  /// The one that is read.
  var current: any FrameSource {
    lock.lock()
    defer { lock.unlock() }
    return source
  }

  /// The next picture; false at the end of this source, or when it is to be replaced.
  func read(into frame: Frame) throws -> Bool {
    lock.lock()
    let (source, isOver) = (self.source, next != nil)
    lock.unlock()
    guard !isOver, try source.read(into: frame) else { return false }
    place(frame)
    return true
  }

  private func place(_ frame: Frame) {
    if shift == nil, let latest, let seconds = frame.seconds {
      let now = latest.seconds + max(0, frame.captureTime.seconds(since: latest.taken))
      shift = Int64(clampedRounding: (now - seconds) / frame.format.timeBase.value)
    }
    frame.pts = frame.pts.map { $0.addingClamped(shift ?? 0) }
    if let seconds = frame.seconds { latest = (seconds, frame.captureTime) }
  }

  /// Ends the reading of the source that is read, and puts another one in its place.
  func replace(_ other: any FrameSource) {
    lock.lock()
    let old = source
    next = other
    lock.unlock()
    old.interrupt()
  }

  /// Goes on with the one that was asked for; false when none was.
  func change() -> Bool {
    lock.lock()
    defer { lock.unlock() }
    guard let next else { return false }
    (source, self.next, shift) = (next, nil, nil)
    return true
  }
}
