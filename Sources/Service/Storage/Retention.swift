import Foundation
import Synchronization
import Telemetry

/// Deletes the oldest recordings and events: those that are too old, and as many as the disk's limits ask for. What a rule or a user
/// protects stays.
final class Retention: @unchecked Sendable {
  // Safety: `pass` is called by one thread; the rest is constant or atomic.
  private static let pause = 10.0

  private let storage: Storage
  private let store: EventStore
  private let isStopped = Atomic<Bool>(false)
  private let ended = DispatchGroup()

  init(_ storage: Storage, _ store: EventStore) { (self.storage, self.store) = (storage, store) }

  func start() {
    ended.enter()
    let thread = Thread { [self] in
      while !isStopped.load(ordering: .relaxed) {
        do { try pass(at: Date().timeIntervalSince1970) } catch {
          ServiceLog.warning(stage: "retention", .recordingFailed, "old recordings cannot be deleted: \(error)")
        }
        for _ in 0..<Int(Self.pause / 0.1) where !isStopped.load(ordering: .relaxed) { usleep(100_000) }
      }
      ended.leave()
    }
    thread.name = "retention"
    thread.start()
  }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    ended.wait()
  }

  /// One look at all that is kept.
  /// - Parameter now: seconds since 1970.
  func pass(at now: Double) throws {
    let settings = storage.settings
    let plan = RetentionPlan(
      maxAge: settings.maxAge?.seconds, maxBytes: settings.maxSize?.bytes, minFree: settings.minFree.bytes)
    let events = try store.events(EventStore.Query.all)
    let kept = StoredFiles(storage, events)
    let doomed = plan.doomed(kept.items, free: storage.free, at: now)
    guard !doomed.isEmpty else { return }
    for item in doomed { try delete(item) }
    let bytes = doomed.reduce(0) { $0 + $1.bytes }
    let reasons = Set(doomed.map(\.reason)).sorted().joined(separator: ", ")
    ServiceLog.info(
      stage: "retention", .deleted,
      "\(doomed.count) old recordings and events are deleted, \(bytes / 1_000_000) MB: \(reasons)")
  }

  private func delete(_ item: RetentionPlan.Doomed) throws {
    if let id = item.event { _ = try store.remove(id) }
    for path in item.paths { unlink(path.fileName) }
    if let folder = item.paths.first?.folder, Files.names(in: folder).allSatisfy({ $0 == "." || $0 == ".." }) {
      rmdir(folder.fileName)
    }
  }
}

extension EventStore.Query {
  /// All events, as many as a database may hold for a look at once.
  static var all: EventStore.Query {
    var query = EventStore.Query()
    query.limit = 10_000
    return query
  }
}

/// The files of recordings and events, with what belongs together as one item.
struct StoredFiles {
  private(set) var items: [RetentionPlan.Item] = []

  init(_ storage: Storage, _ events: [Event]) {
    for event in events where event.ended != nil {
      let paths = [event.clip, event.snapshot, event.heat].compactMap { $0 }.map(storage.path)
      items.append(
        .init(
          paths: paths, bytes: paths.reduce(0) { $0 + Self.size($1) }, time: event.started, event: event.id,
          isProtected: event.protected))
    }
    // A segment goes together with the data beside it.
    for segment in storage.segments() {
      items.append(
        .init(
          paths: [segment.path, segment.dataPath], bytes: Int(segment.status.st_size) + Self.size(segment.dataPath),
          time: Double(segment.status.st_mtim.tv_sec), event: nil, isProtected: false))
    }
  }

  private static func size(_ path: String) -> Int { Int(Files.status(path)?.st_size ?? 0) }
}
