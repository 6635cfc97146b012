import Foundation
import Frames

/// The source that is read now, and the one that takes its place when the reading of it ends.
final class SourceSwitch: @unchecked Sendable {
  // Safety: the references are touched under `lock`; a source is read by one thread, and `interrupt`, `format` and `info` may be
  // used from any.
  private let lock = NSLock()
  private var source: any FrameSource
  private var next: (any FrameSource)?

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
    return try !isOver && source.read(into: frame)
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
    (source, self.next) = (next, nil)
    return true
  }
}
