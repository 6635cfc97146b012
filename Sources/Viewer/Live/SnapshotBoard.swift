import Foundation
import Pipeline

/// Where the newest snapshot lies and those that streams were sent lately, what readers wish for, and where they wait for the next one.
final class SnapshotBoard: @unchecked Sendable {
  // Safety: all is touched under `condition`.
  private let condition = NSCondition()
  private var newest: Snapshot?
  private var count: UInt64 = 0
  private var isClosed = false
  private var watchers: [Int: WatchSettings] = [:]
  /// The latest snapshots that each watcher was sent, the newest at the end.
  private var sent: [Int: [Snapshot]] = [:]
  /// So many of each watcher: what it shows is among them, for the next one is sent when the one before has nearly left.
  private static let sentKept = 6
  private var nextWatcher = 0
  private var wishes = LiveLoop.noWishes

  var latest: Snapshot? {
    condition.lock()
    defer { condition.unlock() }
    return newest
  }

  var watcherCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return watchers.count
  }

  /// A reader wants frames that the network did not see.
  var wantsAllFrames: Bool {
    condition.lock()
    defer { condition.unlock() }
    return watchers.values.contains { $0.wantsAllFrames }
  }

  /// What all watchers together want.
  var demand: Wishes {
    condition.lock()
    defer { condition.unlock() }
    return wishes
  }

  /// From now on frames are prepared for these wishes; returns what `leave` takes.
  func join(_ settings: WatchSettings) -> Int {
    condition.lock()
    defer { condition.unlock() }
    nextWatcher += 1
    watchers[nextWatcher] = settings
    wishes.formUnion(settings.wishes)
    condition.broadcast()
    return nextWatcher
  }

  func leave(_ watcher: Int) {
    condition.lock()
    defer { condition.unlock() }
    (watchers[watcher], sent[watcher]) = (nil, nil)
    wishes = watchers.sorted { $0.key < $1.key }.reduce(into: LiveLoop.noWishes) { $0.formUnion($1.value.wishes) }
  }

  /// A watcher is sent this snapshot.
  func note(_ snapshot: Snapshot, sentTo watcher: Int) {
    condition.lock()
    defer { condition.unlock() }
    guard watchers[watcher] != nil else { return }
    sent[watcher, default: []].append(snapshot)
    if sent[watcher, default: []].count > Self.sentKept { sent[watcher]?.removeFirst() }
  }

  /// The latest snapshot of this frame, if a watcher was sent it lately or it is the newest one.
  func kept(frame: UInt64) -> Snapshot? {
    condition.lock()
    defer { condition.unlock() }
    let all = sent.values.joined() + [newest].compactMap { $0 }
    return all.filter { $0.frame.sequence == frame }.max { $0.number < $1.number }
  }

  /// Publishes a snapshot: all waiting readers get it next.
  /// - Parameter number: of a snapshot; where a newer one is there, nothing is published.
  func publish(_ snapshot: Snapshot, unlessAfter number: UInt64? = nil) {
    condition.lock()
    defer { condition.unlock() }
    if let number, let newest, newest.number > number { return }
    count += 1
    snapshot.number = count
    newest = snapshot
    condition.broadcast()
  }

  /// A snapshot newer than `number`; nil when none came within the time, and after `close`.
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

  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  var isOver: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isClosed
  }
}
