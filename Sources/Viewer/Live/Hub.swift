import Foundation
import Telemetry

/// Where the newest snapshot lies, and who waits for it.
final class Hub: @unchecked Sendable {
  // Safety: all is touched under `condition`.
  private let condition = NSCondition()
  private var newest: Snapshot?
  private var count: UInt64 = 0
  private var isClosed = false
  private var watchers: [Int: WatchSettings] = [:]
  private var nextWatcher = 0
  private var version = 0

  /// The newest snapshot, if there is one.
  var latest: Snapshot? {
    condition.lock()
    defer { condition.unlock() }
    return newest
  }

  /// How many watch.
  var watcherCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return watchers.count
  }

  /// What the watchers want, and a number that grows when that changes.
  var demand: (version: Int, settings: [WatchSettings]) {
    condition.lock()
    defer { condition.unlock() }
    return (version, watchers.sorted { $0.key < $1.key }.map(\.value))
  }

  /// From now on frames are prepared for these wishes; returns what `leave` takes.
  func join(_ settings: WatchSettings) -> Int {
    condition.lock()
    defer { condition.unlock() }
    nextWatcher += 1
    watchers[nextWatcher] = settings
    version += 1
    condition.broadcast()
    return nextWatcher
  }

  /// A watcher is gone.
  func leave(_ watcher: Int) {
    condition.lock()
    defer { condition.unlock() }
    if watchers.removeValue(forKey: watcher) != nil { version += 1 }
  }

  /// Everybody who waits gets this one next.
  func publish(_ snapshot: Snapshot) {
    condition.lock()
    count += 1
    snapshot.number = count
    newest = snapshot
    condition.broadcast()
    condition.unlock()
  }

  /// A snapshot newer than `number`; nil when none came within the time, or ever will.
  func next(after number: UInt64, seconds: Double = 0.5) -> Snapshot? {
    let end = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while !isClosed {
      if let newest, newest.number > number { return newest }
      guard condition.wait(until: end) else { return nil }
    }
    return nil
  }

  /// Nothing will be published any more.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  /// The end has come.
  var isOver: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isClosed
  }
}
